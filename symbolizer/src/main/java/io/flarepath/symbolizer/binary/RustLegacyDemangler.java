package io.flarepath.symbolizer.binary;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Demangles rustc's legacy scheme (rustc_codegen_ssa, symbol_names/legacy.rs): the form of a nested
 * C++ name whose last part is {@code h} and a hash, which is dropped.
 */
final class RustLegacyDemangler {
    private static final Pattern HASH = Pattern.compile("17h[0-9a-f]{16}E(?:\\..*)?$");
    private static final Pattern ESCAPE = Pattern.compile("\\$([A-Za-z0-9]{1,7})\\$|\\.\\.");
    private static final Map<String, String> PUNCTUATION =
            Map.of(
                    "SP", "@", "BP", "*", "RF", "&", "LT", "<", "GT", ">", "LP", "(", "RP", ")",
                    "C", ",");

    private RustLegacyDemangler() {}

    static boolean recognizes(String symbol) {
        return symbol.startsWith("_ZN") && HASH.matcher(symbol).find();
    }

    /**
     * The readable path.
     *
     * @throws MangledNameException if it breaks the form
     */
    static String demangle(String symbol) {
        Matcher hash = HASH.matcher(symbol);
        if (!hash.find()) {
            throw new MangledNameException("the hash is missing");
        }
        int end = hash.start();
        NameOutput out = new NameOutput();
        for (int at = 3; at < end; ) {
            int length = 0;
            while (at < end && Character.digit(symbol.charAt(at), 10) >= 0 && length < 100_000) {
                length = length * 10 + symbol.charAt(at++) - '0';
            }
            if (length == 0 || length > end - at) {
                throw new MangledNameException("a part of the path has a wrong length");
            }
            out.add(out.length() == 0 ? "" : "::");
            out.add(part(symbol.substring(at, at + length)));
            at += length;
        }
        return out.toString();
    }

    private static String part(String mangled) {
        // A part that begins with an escape has an underscore before it, to be an identifier.
        String part = mangled.startsWith("_$") ? mangled.substring(1) : mangled;
        return ESCAPE.matcher(part)
                .replaceAll(m -> Matcher.quoteReplacement(unescaped(m.group(), m.group(1))));
    }

    private static String unescaped(String escape, @Nullable String code) {
        if (code == null) {
            return "::";
        }
        String known = PUNCTUATION.get(code);
        if (known != null) {
            return known;
        }
        if (code.startsWith("u") && code.substring(1).matches("[0-9a-f]{1,6}")) {
            int point = Integer.parseInt(code.substring(1), 16);
            if (Character.isValidCodePoint(point) && !Character.isISOControl(point)) {
                return Character.toString(point);
            }
        }
        return escape;
    }
}
