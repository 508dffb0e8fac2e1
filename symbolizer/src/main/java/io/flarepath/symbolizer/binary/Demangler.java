package io.flarepath.symbolizer.binary;

/** Readable names of C++ and Rust symbols; never throws, gives back what it cannot read. */
public final class Demangler {
    private Demangler() {}

    /** The readable form of a mangled name, or the name itself. */
    public static String demangle(String symbol) {
        return demangle(symbol, false);
    }

    /**
     * The same without the template arguments, parameters and result of a C++ function: {@code
     * std::vector::push_back}.
     */
    public static String shortName(String symbol) {
        return demangle(symbol, true);
    }

    private static String demangle(String symbol, boolean brief) {
        try {
            if (symbol.startsWith("_R")) {
                return RustDemangler.demangle(symbol);
            }
            if (RustLegacyDemangler.recognizes(symbol)) {
                return RustLegacyDemangler.demangle(symbol);
            }
            return symbol.startsWith("_Z") ? CppDemangler.demangle(symbol, brief) : symbol;
        } catch (MangledNameException
                | ArithmeticException
                | IndexOutOfBoundsException
                | NumberFormatException e) {
            // The last three are names that slip through the checks: they must not end the agent.
            return symbol;
        }
    }
}
