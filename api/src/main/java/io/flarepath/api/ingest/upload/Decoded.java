package io.flarepath.api.ingest.upload;

import io.flarepath.store.profile.Profile;
import java.util.List;

/**
 * An upload that passed all checks.
 *
 * @param profiles what is stored, all of it or nothing
 * @param dropped what was left out
 */
public record Decoded(List<Profile> profiles, Dropped dropped) {}
