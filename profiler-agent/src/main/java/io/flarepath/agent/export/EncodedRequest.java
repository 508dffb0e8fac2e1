package io.flarepath.agent.export;

/**
 * A request, ready to be sent.
 *
 * @param payload what it carries
 * @param body its message, compressed by gzip
 * @param items how many samples, points or spans are in it
 * @param rawBytes its length before it was compressed
 */
record EncodedRequest(Payload payload, byte[] body, long items, int rawBytes) {
    /** Compresses a message. */
    static EncodedRequest of(Payload payload, WireBuffer message, long items) {
        try (Gzip gzip = new Gzip(Exporter.GZIP_LEVEL)) {
            byte[] body = gzip.compress(message.array(), message.length());
            return new EncodedRequest(payload, body, items, message.length());
        }
    }
}
