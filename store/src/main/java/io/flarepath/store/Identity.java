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
import java.util.List;
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

    /**
     * The identity of a profile.
     *
     * @param content its hash, of {@link #contents}
     */
    static Identity of(Profile profile, long content) {
        if (profile.id().isEmpty()) {
            return new Identity(content, new byte[0]);
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

    /**
     * Hashes of what is in profiles, in their order; 0 for those that have an id. Each number that
     * goes in waits for the one before, so two profiles of the same stacks take as long as one.
     */
    static long[] contents(List<Profile> profiles) {
        long[] hashes = new long[profiles.size()];
        for (int i = 0; i < hashes.length; i++) {
            Profile profile = profiles.get(i);
            if (!profile.id().isEmpty()) {
                continue;
            }
            Profile next = i + 1 < hashes.length ? profiles.get(i + 1) : profile;
            hashes[i] = begun(profile);
            if (next != profile && next.id().isEmpty() && next.sharesStacks(profile)) {
                hashes[i + 1] = begun(next);
                both(profile, next, hashes, i);
                i++;
            } else {
                hashes[i] = contentHash(profile, hashes[i]);
            }
        }
        return hashes;
    }

    private static long begun(Profile profile) {
        return mix(profile.durationNanos() * 31 + profile.period());
    }

    private static long contentHash(Profile profile, long begun) {
        long hash = begun;
        for (long word : frameWords(profile)) {
            hash = mix(hash ^ word);
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

    /** The same for two profiles of the same stacks; their hashes lie side by side. */
    private static void both(Profile one, Profile other, long[] hashes, int at) {
        long hash = hashes[at];
        long second = hashes[at + 1];
        for (long word : frameWords(one)) {
            hash = mix(hash ^ word);
            second = mix(second ^ word);
        }
        for (int stack = 0; stack < one.stackCount(); stack++) {
            hash = mix(hash ^ one.value(stack));
            second = mix(second ^ other.value(stack));
            for (int ref = one.stackStart(stack); ref < one.stackStart(stack + 1); ref++) {
                int frame = one.stackFrame(ref);
                hash = mix(hash ^ frame);
                second = mix(second ^ frame);
            }
            hash = mix(hash + stack);
            second = mix(second + stack);
        }
        hashes[at] = hash;
        hashes[at + 1] = second;
    }

    /** What tells the frames of a profile apart, five words each. */
    private static long[] frameWords(Profile profile) {
        long[] words = new long[5 * profile.frames().size()];
        int at = 0;
        TextHash mappings = new TextHash();
        TextHash builds = new TextHash();
        for (Frame frame : profile.frames()) {
            words[at++] = frame.functionHash();
            words[at++] = frame.fileHash() * 31 ^ frame.line();
            words[at++] = mappings.of(frame.mapping()) * 31 ^ builds.of(frame.buildId());
            words[at++] = frame.address() ^ (long) frame.kind().code() << 56;
            // What format version 1 did not know must leave the hashes of its profiles as they are.
            int later =
                    (frame.lowConfidence() ? 2 : 0)
                            | (frame.fileOffset() ? 4 : 0)
                            | (frame.approximateLine() ? 8 : 0);
            words[at++] = (frame.inlined() ? 1 : 0) ^ later;
        }
        return words;
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
