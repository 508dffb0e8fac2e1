package io.flarepath.symbolizer.binary;

import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Types and lifetimes of the v0 scheme. */
abstract class RustTypes extends RustCursor {
    private static final Map<Character, String> BASIC =
            Map.ofEntries(
                    Map.entry('b', "bool"),
                    Map.entry('c', "char"),
                    Map.entry('e', "str"),
                    Map.entry('u', "()"),
                    Map.entry('a', "i8"),
                    Map.entry('s', "i16"),
                    Map.entry('l', "i32"),
                    Map.entry('x', "i64"),
                    Map.entry('n', "i128"),
                    Map.entry('i', "isize"),
                    Map.entry('h', "u8"),
                    Map.entry('t', "u16"),
                    Map.entry('m', "u32"),
                    Map.entry('y', "u64"),
                    Map.entry('o', "u128"),
                    Map.entry('j', "usize"),
                    Map.entry('f', "f32"),
                    Map.entry('d', "f64"),
                    Map.entry('z', "!"),
                    Map.entry('p', "_"),
                    Map.entry('v', "..."));
    private static final int MAX_LIFETIMES = 1000;

    private long boundLifetimes;

    RustTypes(String text, int start) {
        super(text, start);
    }

    abstract void path(boolean inValue);

    abstract void arguments();

    /** Reads again what stands at an earlier place. */
    final void backReference(Runnable read) {
        int tag = position - 1;
        long target = base62() + 2; // counted from behind _R
        if (target < 2 || target >= tag) {
            throw bad("a back-reference does not point backwards");
        }
        if (silent) {
            return;
        }
        int after = position;
        position = (int) target;
        read.run();
        position = after;
    }

    final void type() {
        enter();
        char tag = next();
        String basic = BASIC.get(tag);
        if (basic != null) {
            print(basic);
        } else {
            compound(tag);
        }
        leave();
    }

    private void compound(char tag) {
        switch (tag) {
            case 'R', 'Q' -> {
                print("&");
                if (take('L')) {
                    long lifetime = base62();
                    if (lifetime != 0) {
                        lifetime(lifetime);
                        print(" ");
                    }
                }
                print(tag == 'Q' ? "mut " : "");
                type();
            }
            case 'P', 'O' -> {
                print(tag == 'P' ? "*const " : "*mut ");
                type();
            }
            case 'A', 'S' -> {
                print("[");
                type();
                if (tag == 'A') {
                    print("; ");
                    constant();
                }
                print("]");
            }
            case 'T' -> tuple();
            case 'F' -> bound(this::function);
            case 'D' -> dynamic();
            case 'B' -> backReference(this::type);
            default -> {
                position--;
                path(false);
            }
        }
    }

    private void tuple() {
        print("(");
        int count = 0;
        for (; !take('E'); count++) {
            print(count > 0 ? ", " : "");
            type();
        }
        print(count == 1 ? ",)" : ")");
    }

    /** {@code for<'a, 'b> …} */
    private void bound(Runnable read) {
        long added = optional('G');
        if (added < 0 || added > MAX_LIFETIMES) {
            throw bad("too many lifetimes");
        }
        if (added > 0) {
            print("for<");
            for (long i = 0; i < added; i++) {
                boundLifetimes++;
                print(i > 0 ? ", " : "");
                lifetime(1);
            }
            print("> ");
        }
        read.run();
        boundLifetimes -= added;
    }

    private void function() {
        print(take('U') ? "unsafe " : "");
        if (take('K')) {
            String abi = take('C') ? "C" : identifier().replace('_', '-');
            print("extern \"" + abi + "\" ");
        }
        print("fn(");
        for (int i = 0; !take('E'); i++) {
            print(i > 0 ? ", " : "");
            type();
        }
        print(")");
        if (!take('u')) {
            print(" -> ");
            type();
        }
    }

    private void dynamic() {
        print("dyn ");
        bound(() -> {
            for (int i = 0; !take('E'); i++) {
                print(i > 0 ? " + " : "");
                trait();
            }
        });
        if (!take('L')) {
            throw bad("dyn without a lifetime");
        }
        long lifetime = base62();
        if (lifetime != 0) {
            print(" + ");
            lifetime(lifetime);
        }
    }

    private void trait() {
        boolean open = openPath();
        while (take('p')) {
            print(open ? ", " : "<");
            open = true;
            print(identifier() + " = ");
            type();
        }
        print(open ? ">" : "");
    }

    /** A path whose generic arguments are left open, for associated types to join them. */
    private boolean openPath() {
        enter();
        boolean[] open = new boolean[1];
        if (take('B')) {
            backReference(() -> open[0] = openPath());
        } else if (take('I')) {
            path(false);
            print("<");
            arguments();
            open[0] = true;
        } else {
            path(false);
        }
        leave();
        return open[0];
    }

    /** 0 is {@code '_}; others count binders from the inside. */
    final void lifetime(long index) {
        if (index == 0) {
            print("'_");
            return;
        }
        long depth = boundLifetimes - index;
        if (depth < 0) {
            if (silent) {
                return;
            }
            throw bad("a lifetime is bound nowhere");
        }
        print(depth < 26 ? "'" + (char) ('a' + depth) : "'_" + depth);
    }

    final void constant() {
        enter();
        char tag = next();
        if (tag == 'B') {
            backReference(this::constant);
        } else if (tag == 'p') {
            print("_");
        } else {
            constant(tag);
        }
        leave();
    }

    private void constant(char tag) {
        String name = BASIC.get(tag);
        switch (tag) {
            case 'a', 's', 'l', 'x', 'n', 'i', 'h', 't', 'm', 'y', 'o', 'j' -> {
                String sign = take('n') ? "-" : "";
                print(sign + number(hex()));
            }
            case 'b' -> print(hex().equals("1") ? "true" : "false");
            case 'c' -> print(RustLiterals.character(hex()));
            case 'e' -> print("*" + RustLiterals.string(hex()));
            case 'R', 'Q' -> reference(tag);
            case 'A' -> constants("[", "]");
            case 'T' -> constants("(", ")");
            case 'V' -> variant();
            default -> throw bad("unknown constant of type " + name(name, tag));
        }
    }

    private static String name(@Nullable String known, char tag) {
        return known == null ? String.valueOf(tag) : known;
    }

    private void reference(char tag) {
        if (tag == 'R' && take('e')) {
            print(RustLiterals.string(hex()));
            return;
        }
        print(tag == 'R' ? "&" : "&mut ");
        constant();
    }

    private void constants(String open, String close) {
        print(open);
        int count = 0;
        for (; !take('E'); count++) {
            print(count > 0 ? ", " : "");
            constant();
        }
        print(count == 1 && open.equals("(") ? "," + close : close);
    }

    private void variant() {
        path(true);
        switch (next()) {
            case 'U' -> print("");
            case 'T' -> constants("(", ")");
            case 'S' -> {
                print(" { ");
                for (int i = 0; !take('E'); i++) {
                    print(i > 0 ? ", " : "");
                    optional('s');
                    print(identifier() + ": ");
                    constant();
                }
                print(" }");
            }
            default -> throw bad("unknown kind of variant");
        }
    }

    private String hex() {
        int start = position;
        while (!take('_')) {
            if (!HexFormat.isHexDigit(next())) {
                throw bad("not a hexadecimal constant");
            }
        }
        return text.substring(start, position - 1);
    }

    private static String number(String hex) {
        if (hex.isEmpty()) {
            return "0";
        }
        return hex.length() <= 16
                ? Long.toUnsignedString(Long.parseUnsignedLong(hex, 16))
                : "0x" + hex;
    }
}
