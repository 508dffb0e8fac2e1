package io.flarepath.store.query;

import io.flarepath.store.profile.ProfileType;

/**
 * Which profiles are asked for.
 *
 * @param tenant whose
 * @param type of which type
 * @param selector of which series
 * @param range started when
 */
public record ProfileQuery(String tenant, ProfileType type, Selector selector, TimeRange range) {}
