package io.flarepath.symbolizer.binary;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What compilers and linkers hang on a symbol's name, taken off before it is demangled. */
public final class SymbolNames {
    private static final Pattern CLONE =
            Pattern.compile(
                    "\\.(?:llvm\\.[0-9A-F@]+|(?:part|lto_priv|constprop|isra|localalias)(?:\\.\\d+)?"
                            + "|cold(?:\\.\\d+)?)$");

    private SymbolNames() {}

    /** Whether the name is mangled as rustc does, in the legacy or the v0 form. */
    public static boolean isRust(String name) {
        return (name.length() > 3 && name.startsWith("_R")) || RustLegacyDemangler.recognizes(name);
    }

    /** The readable name: suffixes and versions off, demangled, cold parts marked. */
    static String readable(String symbol) {
        return readable(symbol, false);
    }

    /**
     * The name by which a function is shown: as {@link #readable}, and of C++ without template
     * arguments, parameters and result, which make names of hundreds of characters alike.
     */
    public static String shown(String symbol) {
        return readable(symbol, true);
    }

    private static String readable(String symbol, boolean brief) {
        int version = symbol.indexOf('@', 1);
        String name =
                version > 0 && !symbol.contains(".llvm.") ? symbol.substring(0, version) : symbol;
        boolean cold = false;
        while (name.indexOf('.') > 0) {
            Matcher suffix = CLONE.matcher(name);
            if (!suffix.find() || suffix.start() == 0) {
                break;
            }
            cold |= suffix.group().startsWith(".cold");
            name = name.substring(0, suffix.start());
        }
        String readable = brief ? Demangler.shortName(name) : Demangler.demangle(name);
        return cold ? readable + " [clone .cold]" : readable;
    }
}
