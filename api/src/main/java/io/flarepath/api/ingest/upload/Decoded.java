package io.flarepath.api.ingest.upload;

import io.flarepath.api.server.ApiError;
import io.flarepath.store.profile.Profile;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An upload that passed all checks.
 *
 * @param profiles what is stored, all of it or nothing
 * @param dropped what was left out
 * @param refusal what is wrong with a part that was left out, of a protocol whose uploads may be
 *     stored in part; answered after the rest is stored
 */
public record Decoded(List<Profile> profiles, Dropped dropped, @Nullable ApiError refusal) {
    /** An upload of which nothing was refused. */
    public Decoded(List<Profile> profiles, Dropped dropped) {
        this(profiles, dropped, null);
    }
}
