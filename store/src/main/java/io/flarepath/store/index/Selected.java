package io.flarepath.store.index;

import io.flarepath.store.profile.ProfileType;

/**
 * A series with profiles of a type in a range of time.
 *
 * @param series the series
 * @param typeId number of the type
 * @param type the type
 */
public record Selected(Series series, int typeId, ProfileType type) {

    /** The value of a label, synthetic and aliased ones too; empty when there is none. */
    public String label(String name) {
        return LabelNames.value(name, series.labels(), type);
    }
}
