package io.flarepath.symbolizer.binary;

/**
 * Demangles rustc's v0 scheme (RFC 2603): paths, impls, generics, closures, back-references.
 * Disambiguating hashes are not shown.
 */
final class RustDemangler extends RustTypes {
    private RustDemangler(String text, int start) {
        super(text, start);
    }

    /**
     * The readable path.
     *
     * @throws MangledNameException if it is not a v0 name or breaks a bound
     */
    static String demangle(String symbol) {
        int suffix = symbol.indexOf('.');
        String text = suffix < 0 ? symbol : symbol.substring(0, suffix);
        if (text.length() < 3 || !Character.isUpperCase(text.charAt(2))) {
            throw bad("not a v0 name");
        }
        RustDemangler demangler = new RustDemangler(text, 2);
        demangler.path(true);
        if (demangler.position < text.length()) {
            demangler.silent = true; // the crate that instantiated it
            demangler.path(false);
        }
        if (demangler.position < text.length()) {
            throw bad("something follows the name");
        }
        return demangler.out.toString();
    }

    @Override
    void path(boolean inValue) {
        enter();
        char tag = next();
        switch (tag) {
            case 'C' -> {
                optional('s');
                print(identifier());
            }
            case 'N' -> nested(inValue);
            case 'M' -> {
                skipImplPath();
                print("<");
                type();
                print(">");
            }
            case 'X', 'Y' -> {
                if (tag == 'X') {
                    skipImplPath();
                }
                print("<");
                type();
                print(" as ");
                path(false);
                print(">");
            }
            case 'I' -> {
                path(inValue);
                print(inValue ? "::<" : "<");
                arguments();
                print(">");
            }
            case 'B' -> backReference(() -> path(inValue));
            default -> throw bad("unknown path " + tag);
        }
        leave();
    }

    private void nested(boolean inValue) {
        char namespace = next();
        path(inValue);
        long number = optional('s');
        String name = identifier();
        if (Character.isUpperCase(namespace)) {
            String kind =
                    switch (namespace) {
                        case 'C' -> "closure";
                        case 'S' -> "shim";
                        default -> String.valueOf(namespace);
                    };
            print("::{" + kind + (name.isEmpty() ? "" : ":" + name) + "#" + number + "}");
        } else if (!name.isEmpty()) {
            print("::" + name);
        }
    }

    private void skipImplPath() {
        boolean before = silent;
        silent = true;
        optional('s');
        path(false);
        silent = before;
    }

    /** Generic arguments up to their {@code E}. */
    @Override
    void arguments() {
        for (int i = 0; !take('E'); i++) {
            print(i > 0 ? ", " : "");
            if (take('L')) {
                lifetime(base62());
            } else if (take('K')) {
                constant();
            } else {
                type();
            }
        }
    }
}
