package io.flarepath.store;

import io.flarepath.store.encoding.ByteWriter;
import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.FrameHash;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.profile.Profile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;

/**
 * By what a retry is known. With an id of the upload: by that, within service and type. Without: by
 * series, type and start (which the key holds), and this hash of everything else.
 *
 * @param hash part of the profile's key
 * @param upload 16 bytes of the id's hash; empty without an id
 */
record Identity(long hash, byte[] upload) {
    private static final int UPLOAD_BYTES = 16;

    static Identity of(Profile profile) {
        if (profile.id().isEmpty()) {
            return new Identity(contentHash(profile), new byte[0]);
        }
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(profile.id().getBytes(StandardCharsets.UTF_8));
            return new Identity(
                    ByteBuffer.wrap(digest).getLong(),
                    new ByteWriter(UPLOAD_BYTES).bytes(digest, 0, UPLOAD_BYTES).toArray());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    /**
     * The same for a profile that is stored under fewer labels than it had: those of another series
     * with the same content would otherwise be taken for a retry of it.
     */
    Identity of(Labels labels) {
        if (hasUpload()) {
            return this;
        }
        long mixed = hash;
        for (Map.Entry<String, String> label : labels.asMap().entrySet()) {
            mixed = mix(mixed ^ FrameHash.stable(label.getKey()));
            mixed = mix(mixed ^ FrameHash.stable(label.getValue()));
        }
        return new Identity(mixed, upload);
    }

    boolean hasUpload() {
        return upload.length > 0;
    }

    private static long contentHash(Profile profile) {
        long hash = mix(profile.durationNanos() * 31 + profile.period());
        TextHash mappings = new TextHash();
        TextHash builds = new TextHash();
        for (Frame frame : profile.frames()) {
            hash = mix(hash ^ frame.functionHash());
            hash = mix(hash ^ frame.fileHash() * 31 ^ frame.line());
            hash = mix(hash ^ mappings.of(frame.mapping()) * 31 ^ builds.of(frame.buildId()));
            hash = mix(hash ^ frame.address() ^ (long) frame.kind().code() << 56);
            // What format version 1 did not know must leave the hashes of its profiles as they are.
            int later =
                    (frame.lowConfidence() ? 2 : 0)
                            | (frame.fileOffset() ? 4 : 0)
                            | (frame.approximateLine() ? 8 : 0);
            hash = mix(hash ^ (frame.inlined() ? 1 : 0) ^ later);
        }
        for (int stack = 0; stack < profile.stackCount(); stack++) {
            hash = mix(hash ^ profile.value(stack));
            for (int at = profile.stackStart(stack); at < profile.stackStart(stack + 1); at++) {
                hash = mix(hash ^ profile.stackFrame(at));
            }
            hash = mix(hash + stack);
        }
        return hash;
    }

    /** Frames that follow each other are often of the same mapping: the same object. */
    private static final class TextHash {
        private String last = "";
        private long hash = FrameHash.stable("");

        @SuppressWarnings("ReferenceEquality") // only saves time
        long of(String text) {
            if (text != last) {
                last = text;
                hash = FrameHash.stable(text);
            }
            return hash;
        }
    }

    private static long mix(long hash) {
        long h = (hash ^ (hash >>> 32)) * 0xd6e8feb86659fd93L;
        return (h ^ (h >>> 29)) + 0x9E3779B97F4A7C15L;
    }
}
