package io.flarepath.api.ingest.otlp;

import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** A message whose bytes are hashed while it is read, so that it is known when it comes again. */
final class DigestedSource implements OtlpMessages.Source {
    private final OtlpMessages.Source source;
    private final MessageDigest digest;

    DigestedSource(OtlpMessages.Source source) {
        this.source = source;
        try {
            this.digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    @Override
    public InputStream open() throws IOException {
        digest.reset();
        return new DigestInputStream(source.open(), digest);
    }

    /** SHA-256 of what was read since it was last opened. */
    byte[] sha256() {
        return digest.digest();
    }
}
