package io.flarepath.symbolizer.binary;

import java.util.regex.Pattern;

/** Names as binutils demangles them. */
public final class ReadableNames {
    /** They show disambiguators, hashes and types of constants of Rust names; we do not. */
    private static final String RUST_NOISE =
            "\\[[0-9a-f]{1,16}\\](?=::|>|,|\\)| |$)|::h[0-9a-f]{16}$"
                    + "|: (?:[iu](?:8|16|32|64|128|size)|bool|char)\\b";

    private static final Pattern STREAM = Pattern.compile("\\bstd::(istream|ostream|iostream)\\b");

    private ReadableNames() {}

    /** What addr2line shows by its alias, as c++filt shows it. */
    public static String whole(String theirs) {
        return STREAM.matcher(theirs).replaceAll("std::basic_$1<char, std::char_traits<char> >");
    }

    /** What we should make of a symbol, by what they make of it. */
    public static String expected(String symbol, String theirs) {
        return SymbolNames.isRust(symbol) ? theirs.replaceAll(RUST_NOISE, "") : theirs;
    }
}
