package io.flarepath.symbolizer.binary;

/** Names as binutils demangles them. */
public final class ReadableNames {
    /** They show disambiguators, hashes and types of constants of Rust names; we do not. */
    private static final String RUST_NOISE =
            "\\[[0-9a-f]{1,16}\\](?=::|>|,|\\)| |$)|::h[0-9a-f]{16}$"
                    + "|: (?:[iu](?:8|16|32|64|128|size)|bool|char)\\b";

    private ReadableNames() {}

    /** What we should make of a symbol, by what they make of it. */
    public static String expected(String symbol, String theirs) {
        return SymbolNames.isRust(symbol) ? theirs.replaceAll(RUST_NOISE, "") : theirs;
    }
}
