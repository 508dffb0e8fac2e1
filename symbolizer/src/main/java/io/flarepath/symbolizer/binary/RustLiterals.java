package io.flarepath.symbolizer.binary;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Characters and strings in constants of the v0 scheme, written as Rust source would. */
final class RustLiterals {
    private RustLiterals() {}

    static String character(String hex) {
        if (hex.length() > 6) {
            throw new MangledNameException("not a character");
        }
        int point = hex.isEmpty() ? 0 : Integer.parseInt(hex, 16);
        if (!Character.isValidCodePoint(point)) {
            throw new MangledNameException("not a character");
        }
        return "'" + escaped(point, '\'') + "'";
    }

    static String string(String hex) {
        if (hex.length() % 2 != 0) {
            throw new MangledNameException("half a byte in a string");
        }
        String value = new String(HexFormat.of().parseHex(hex), StandardCharsets.UTF_8);
        StringBuilder quoted = new StringBuilder("\"");
        value.codePoints().forEach(point -> quoted.append(escaped(point, '"')));
        return quoted.append('"').toString();
    }

    private static String escaped(int point, char quote) {
        return switch (point) {
            case '\t' -> "\\t";
            case '\r' -> "\\r";
            case '\n' -> "\\n";
            case '\\' -> "\\\\";
            default ->
                    point == quote
                            ? "\\" + quote
                            : Character.isISOControl(point)
                                    ? "\\u{" + Integer.toHexString(point) + "}"
                                    : Character.toString(point);
        };
    }
}
