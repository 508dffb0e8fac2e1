package io.flarepath.api.symbols;

import io.flarepath.symbolizer.binary.ElfFile;
import io.flarepath.symbolizer.binary.Identity;
import io.flarepath.symbolizer.binary.MalformedBinaryException;
import io.flarepath.symbolizer.binary.Window;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * What is known of a build besides its symbols: what tells whether a symbol file is worth more than
 * another, and where the parts of the file are loaded. Written as lines of words.
 *
 * @param buildId GNU build-id in lower-case hex
 * @param fileHash OpenTelemetry's {@code process.executable.build_id.htlhash} of the file that was
 *     pushed, which is that of the executable when it was the executable
 * @param functions how many functions the symbol file has
 * @param lines whether it has lines
 * @param loads where parts of the file are loaded; empty for a separate debug file, whose program
 *     headers do not tell any more
 */
record Build(String buildId, String fileHash, int functions, boolean lines, List<Load> loads) {
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{2,128}");
    private static final int HASHED_BYTES = 4096;
    private static final int HASH_BYTES = 16;
    private static final int MOST_LOADS = 64;

    /**
     * A part of the file that is loaded.
     *
     * @param offset in the file
     * @param address ELF virtual address
     * @param bytes of the file
     */
    record Load(long offset, long address, long bytes) {}

    Build {
        loads = List.copyOf(loads);
    }

    /**
     * Reads headers and notes.
     *
     * @return without functions and lines, which only compiling tells
     * @throws MalformedBinaryException if it is no ELF file that we read
     */
    static Build of(ElfFile elf) throws IOException {
        List<Load> loads = new ArrayList<>();
        for (ElfFile.Segment segment : elf.segments()) {
            boolean there = segment.type() == ElfFile.PT_LOAD && segment.fileBytes() > 0;
            // What strips a debug file leaves code without bytes, and any offset.
            if (there && segment.executable() && loads.size() < MOST_LOADS) {
                loads.add(new Load(segment.offset(), segment.address(), segment.fileBytes()));
            }
        }
        return new Build(Identity.buildId(elf), fileHash(elf.window()), 0, false, loads);
    }

    /**
     * SHA-256 of the first and the last 4 KiB and the length, its first half. Source: "process
     * executable build id" in OpenTelemetry's semantic conventions for profiles.
     */
    private static String fileHash(Window window) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            int part = (int) Math.min(HASHED_BYTES, window.size());
            digest.update(window.bytes(0, part));
            digest.update(window.bytes(window.size() - part, part));
            digest.update(ByteBuffer.allocate(Long.BYTES).putLong(window.size()).array());
            return HexFormat.of().formatHex(digest.digest(), 0, HASH_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    Build compiled(int functionCount, boolean withLines) {
        return new Build(buildId, fileHash, functionCount, withLines, loads);
    }

    /** This build's symbols with what another push of it told about the executable. */
    Build withExecutable(Build other) {
        return other.loads.isEmpty()
                ? this
                : new Build(buildId, other.fileHash, functions, lines, other.loads);
    }

    /** Whether its symbols say at least as much as those of another push. */
    boolean isAsGoodAs(Build other) {
        return lines == other.lines ? functions >= other.functions : lines;
    }

    /** The ELF virtual address of a place in the file; empty where nothing is loaded. */
    OptionalLong address(long offset) {
        for (Load load : loads) {
            if (offset >= load.offset && offset - load.offset < load.bytes) {
                return OptionalLong.of(offset - load.offset + load.address);
            }
        }
        return OptionalLong.empty();
    }

    byte[] encode() {
        StringBuilder text = new StringBuilder();
        text.append("build ").append(buildId).append('\n');
        text.append("hash ").append(fileHash).append('\n');
        text.append("functions ").append(functions).append(' ').append(lines).append('\n');
        for (Load load : loads) {
            text.append("load");
            for (long number : new long[] {load.offset, load.address, load.bytes}) {
                text.append(' ').append(Long.toHexString(number));
            }
            text.append('\n');
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * Reads what {@link #encode} wrote.
     *
     * @throws IllegalArgumentException if it is something else
     */
    static Build decode(byte[] bytes) {
        String buildId = "";
        String hash = "";
        int functions = 0;
        boolean lines = false;
        List<Load> loads = new ArrayList<>();
        for (String line : new String(bytes, StandardCharsets.US_ASCII).lines().toList()) {
            String[] words = line.split(" ", -1);
            switch (words[0] + words.length) {
                case "build2" -> buildId = words[1];
                case "hash2" -> hash = words[1];
                case "functions3" -> {
                    functions = Integer.parseInt(words[1]);
                    lines = Boolean.parseBoolean(words[2]);
                }
                case "load4" -> loads.add(new Load(hex(words[1]), hex(words[2]), hex(words[3])));
                default -> throw new IllegalArgumentException("not a line of a build: " + line);
            }
        }
        if (!isBuildId(buildId) || !isBuildId(hash) || functions < 0) {
            throw new IllegalArgumentException("not a description of a build");
        }
        return new Build(buildId, hash, functions, lines, loads);
    }

    private static long hex(String word) {
        return Long.parseUnsignedLong(word, 16);
    }

    /** Whether a text may be a build-id, and so the name of a file. */
    static boolean isBuildId(String text) {
        return HEX.matcher(text).matches();
    }

    /** A build-id as it is compared. */
    static String normal(String buildId) {
        return buildId.toLowerCase(Locale.ROOT);
    }
}
