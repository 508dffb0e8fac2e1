package io.flarepath.api.assets;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One file of the page.
 *
 * @param plain its bytes
 * @param gzip the bytes of its pre-compressed sibling, or null when there is none
 * @param contentType by its ending
 * @param hashed whether the name holds a hash of the content, so that it never changes
 */
record Asset(byte[] plain, byte @Nullable [] gzip, String contentType, boolean hashed) {
    private static final String ROOT = "META-INF/flarepath-ui/";

    /** Segments that do not start with a dot: neither "..", nor hidden files, nor empty ones. */
    private static final Pattern SAFE =
            Pattern.compile(
                    "[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}(/[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}){0,3}");

    private static final Pattern HASHED = Pattern.compile(".*[.-][A-Za-z0-9_-]{8,}\\.[a-z0-9]+");

    private static final Map<String, String> TYPES =
            Map.ofEntries(
                    Map.entry("html", "text/html; charset=utf-8"),
                    Map.entry("js", "text/javascript; charset=utf-8"),
                    Map.entry("css", "text/css; charset=utf-8"),
                    Map.entry("json", "application/json"),
                    Map.entry("map", "application/json"),
                    Map.entry("webmanifest", "application/manifest+json"),
                    Map.entry("svg", "image/svg+xml"),
                    Map.entry("png", "image/png"),
                    Map.entry("ico", "image/x-icon"),
                    Map.entry("woff2", "font/woff2"),
                    Map.entry("txt", "text/plain; charset=utf-8"));

    /**
     * Loads a file; blocks.
     *
     * @param path relative, as in a URL
     * @return null when there is no such file, or its name is none that we would serve
     */
    static @Nullable Asset load(ClassLoader classes, String path) throws IOException {
        String type = contentType(path);
        if (type == null) {
            return null;
        }
        byte[] plain = read(classes, ROOT + path);
        if (plain == null) {
            return null;
        }
        boolean hashed = path.startsWith("assets/") && HASHED.matcher(path).matches();
        return new Asset(plain, read(classes, ROOT + path + ".gz"), type, hashed);
    }

    /** The endings of names that we serve, without the dot. */
    static Set<String> endings() {
        return TYPES.keySet();
    }

    /** The content type of a path, or null when we do not serve it. */
    static @Nullable String contentType(String path) {
        if (path.length() > 512 || !SAFE.matcher(path).matches()) {
            return null;
        }
        return TYPES.get(path.substring(path.lastIndexOf('.') + 1));
    }

    private static byte @Nullable [] read(ClassLoader classes, String resource) throws IOException {
        try (InputStream in = classes.getResourceAsStream(resource)) {
            return in == null ? null : in.readAllBytes();
        }
    }
}
