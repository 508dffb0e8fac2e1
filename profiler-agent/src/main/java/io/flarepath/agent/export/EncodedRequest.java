package io.flarepath.agent.export;

/**
 * A request, ready to be sent.
 *
 * @param payload what it carries
 * @param body its message, compressed by gzip
 * @param items how many samples or points are in it
 * @param rawBytes its length before it was compressed
 */
record EncodedRequest(Payload payload, byte[] body, long items, int rawBytes) {}
