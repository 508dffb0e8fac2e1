package io.flarepath.api.query.connect;

import io.flarepath.store.profile.Labels;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.UUID;

/**
 * Ids of single profiles. They are not stored: a profile is found by when it started, which is the
 * first half of its id, and by a hash of its series' labels, which is the second.
 */
final class ProfileIds {
    private ProfileIds() {}

    static UUID of(Labels series, long startNanos) {
        return new UUID(startNanos, hash(series));
    }

    static long startNanos(UUID id) {
        return id.getMostSignificantBits();
    }

    static boolean isOf(UUID id, Labels series) {
        return id.getLeastSignificantBits() == hash(series);
    }

    private static long hash(Labels series) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Map.Entry<String, String> label : series.asMap().entrySet()) {
                add(digest, label.getKey());
                add(digest, label.getValue());
            }
            return ByteBuffer.wrap(digest.digest()).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    private static void add(MessageDigest digest, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(4).putInt(bytes.length).array());
        digest.update(bytes);
    }
}
