package io.flarepath.api.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Reads the file of the tokens: one a line, {@code USES TENANT TOKEN}. USES is a list of ingest,
 * query, control; TENANT a name or {@code *}; TOKEN the token itself, or {@code sha256:} and the
 * hash of it in hex. Empty lines, and what follows a {@code #} at the start of a line, are left
 * out. Only hashes are kept: how long a look-up takes tells nothing about a token.
 */
final class TokenFile {
    private static final int LEAST_LENGTH = 16;
    private static final int MOST_TOKENS = 10_000;
    private static final String HASHED = "sha256:";

    private TokenFile() {}

    /**
     * The tokens by their hashes.
     *
     * @throws StartRefused with the line, the rule and the cure
     */
    static Map<String, Token> read(Path file) {
        try {
            if (Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)) {
                throw new StartRefused(
                        "everybody on this machine can read the tokens in "
                                + file
                                + ": chmod o-rwx it");
            }
            return parse(file.toString(), Files.readAllLines(file, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new StartRefused(
                    "the tokens in " + file + " (setting auth.tokens) cannot be read: " + e, e);
        }
    }

    static Map<String, Token> parse(String name, List<String> lines) {
        Map<String, Token> tokens = new HashMap<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            String place = name + ":" + (i + 1) + ": ";
            String[] words = line.split("\\s+", -1);
            if (words.length != 3) {
                throw new StartRefused(place + "a token is three words: ingest,query TENANT TOKEN");
            }
            String hash = hashOf(place, words[2]);
            if (tokens.put(hash, new Token(uses(place, words[0]), words[1])) != null) {
                throw new StartRefused(place + "this token stands here twice");
            }
            if (tokens.size() > MOST_TOKENS) {
                throw new StartRefused(place + "there are more than " + MOST_TOKENS + " tokens");
            }
        }
        if (tokens.isEmpty()) {
            throw new StartRefused(name + " holds no token: add a line like ingest,query * TOKEN");
        }
        return tokens;
    }

    private static Set<Token.Use> uses(String place, String words) {
        Set<Token.Use> uses = EnumSet.noneOf(Token.Use.class);
        for (String word : words.split(",", -1)) {
            try {
                uses.add(Token.Use.valueOf(word.toUpperCase(Locale.ROOT)));
            } catch (IllegalArgumentException e) {
                throw new StartRefused(
                        place + "a token is for ingest, query or control, not for \"" + word + "\"",
                        e);
            }
        }
        return uses;
    }

    private static String hashOf(String place, String token) {
        if (token.startsWith(HASHED)) {
            String hash = token.substring(HASHED.length()).toLowerCase(Locale.ROOT);
            if (!hash.matches("[0-9a-f]{64}")) {
                throw new StartRefused(place + "a hash is 64 hexadecimal digits");
            }
            return hash;
        }
        if (token.length() < LEAST_LENGTH) {
            throw new StartRefused(
                    place + "a token has " + LEAST_LENGTH + " characters or more: longer is safer");
        }
        return hash(token);
    }

    /** The hash by which a token is known, in hex. */
    static String hash(String token) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
