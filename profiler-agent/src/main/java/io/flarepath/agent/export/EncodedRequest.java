package io.flarepath.agent.export;

/**
 * A request, ready to be sent.
 *
 * @param body {@code ExportProfilesServiceRequest}, compressed by gzip
 * @param samples how many samples are in it
 * @param rawBytes its length before it was compressed
 */
record EncodedRequest(byte[] body, long samples, int rawBytes) {}
