package io.flarepath.api.ingest.pyroscope;

/**
 * What a profile of speedscope is. Profiles that are equal in this are parts of one.
 *
 * @param evented whether it tells when frames began and ended, and not samples
 * @param name its name
 * @param unit of its values
 * @param startValue where it begins, in its unit
 */
record SpeedscopeHead(boolean evented, String name, SpeedscopeUnit unit, double startValue) {}
