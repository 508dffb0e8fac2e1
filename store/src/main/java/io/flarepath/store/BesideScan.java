package io.flarepath.store;

import io.flarepath.store.chunk.ProfileKey;
import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.engine.Cursor;
import io.flarepath.store.engine.Family;
import io.flarepath.store.engine.View;
import io.flarepath.store.index.Selected;
import io.flarepath.store.query.Allowance;
import io.flarepath.store.query.TimeRange;
import java.util.List;
import java.util.Locale;

/**
 * Walks over what a family has beside profiles of selected series, under their keys, in a range.
 * One thread.
 */
final class BesideScan {
    /** Takes what one profile has. */
    @FunctionalInterface
    interface Visitor {
        /**
         * What a profile that started at an instant has.
         *
         * @throws CorruptValueException if the value is not what was written: it is reported, and
         *     the walk goes on
         */
        void found(Selected selected, long startNanos, byte[] value);
    }

    private final View view;
    private final Family family;
    private final Damage damage;
    private final int tenant;
    private final TimeRange range;
    private final Visitor visitor;
    private final Allowance allowance = Allowance.current();

    BesideScan(
            View view, Family family, Damage damage, int tenant, TimeRange range, Visitor visitor) {
        this.view = view;
        this.family = family;
        this.damage = damage;
        this.tenant = tenant;
        this.range = range;
        this.visitor = visitor;
    }

    /** Walks over the profiles that start in the range. */
    void run(List<Selected> selected) {
        int end = RangeScan.endWindow(range);
        try (Cursor cursor = view.scan(family)) {
            for (Selected each : selected) {
                int type = each.typeId();
                int window = each.series().firstWindow(type, RangeScan.firstWindow(range));
                while (window >= 0 && window < end) {
                    allowance.check();
                    window(cursor, each, window);
                    window = each.series().firstWindow(type, window + 1);
                }
            }
        }
    }

    private void window(Cursor cursor, Selected selected, int window) {
        int service = selected.series().service();
        int series = selected.series().id();
        cursor.seek(
                ProfileKey.first(window, tenant, service, selected.typeId(), series),
                ProfileKey.first(window, tenant, service, selected.typeId(), series + 1));
        while (cursor.next()) {
            ProfileKey key = ProfileKey.of(cursor.key());
            if (!range.contains(key.startNanos())) {
                continue;
            }
            try {
                visitor.found(selected, key.startNanos(), cursor.value());
            } catch (CorruptValueException e) {
                damage.found(
                        family.toString().toLowerCase(Locale.ROOT)
                                + " of a profile in window "
                                + window
                                + ": "
                                + e.getMessage());
            }
        }
    }
}
