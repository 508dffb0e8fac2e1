package io.flarepath.symbolizer;

/**
 * Makes one name of those that a JVM numbers anew in each process: without it every restart, and
 * every lambda, would have frames of its own. The rules are those of Pyroscope's server
 * (jfr-parser/parser/symbols.go), and hidden classes and proxies besides.
 */
public final class JavaNames {
    private static final String[] NUMBERED = {
        "GeneratedMethodAccessor",
        "GeneratedConstructorAccessor",
        "GeneratedSerializationConstructorAccessor",
    };
    private static final String[] LIBRARIES = {
        "libzstd-jni-", "libamazonCorrettoCryptoProvider", "libasyncProfiler-",
    };

    /** What marks a class that a library made, before an arbitrary end. */
    private static final String[] GENERATED = {
        "CGLIB$$", "$ByteBuddy$", "$HibernateProxy$", "$MockitoMock$",
    };

    private static final String LAMBDA_FORM = "java/lang/invoke/LambdaForm$";
    private static final int ADDRESS_DIGITS = 8;

    private JavaNames() {}

    /**
     * The name of a class or of a library without what changes from run to run.
     *
     * @param name a class with slashes, {@code a/B$$Lambda$14/0x000000080}, or a file name
     * @return for instance {@code a/B$$Lambda_}; the same name when there is nothing to do
     */
    public static String normalized(String name) {
        int lambda = name.indexOf("$$Lambda");
        if (lambda > 0) {
            return isGenerated(name, lambda + 8) ? name.substring(0, lambda + 8) + "_" : name;
        }
        for (String mark : GENERATED) {
            int at = name.lastIndexOf(mark);
            int end = at + mark.length();
            if (at > 0 && end < name.length() && isWord(name, end)) {
                return name.substring(0, end) + "_";
            }
        }
        if (name.startsWith(LAMBDA_FORM)) {
            return lambdaForm(withoutAddress(name));
        }
        if (name.startsWith("lib") && name.endsWith(".so")) {
            return library(name);
        }
        return numbered(withoutAddress(name));
    }

    /**
     * {@code $14}, {@code $14/0x…}, {@code $14.0x…}, {@code .0x…}, {@code /0x…}, {@code +0x…/1}.
     */
    private static boolean isGenerated(String name, int from) {
        for (int i = from; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean address = c == 'x' || Character.digit(c, 16) >= 0;
            if (!address && c != '$' && c != '/' && c != '.' && c != '+') {
                return false;
            }
        }
        return true;
    }

    private static boolean isWord(String name, int from) {
        for (int i = from; i < name.length(); i++) {
            if (!Character.isLetterOrDigit(name.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /** {@code LambdaForm$MH$12}, and {@code LambdaForm$MH/1234} of Java 8. */
    private static String lambdaForm(String name) {
        int end = name.length();
        while (end > 0 && name.charAt(end - 1) >= '0' && name.charAt(end - 1) <= '9') {
            end--;
        }
        boolean numbered =
                end < name.length() && (name.charAt(end - 1) == '$' || name.charAt(end - 1) == '/');
        return numbered ? name.substring(0, end - 1) + "_" : name;
    }

    /** A hidden class has its address behind its name: {@code a/B+0x0000000800c03000}. */
    private static String withoutAddress(String name) {
        int at = name.lastIndexOf("0x");
        if (at < 2
                || "+/.".indexOf(name.charAt(at - 1)) < 0
                || name.length() < at + 2 + ADDRESS_DIGITS) {
            return name;
        }
        for (int i = at + 2; i < name.length(); i++) {
            char c = name.charAt(i);
            if (Character.digit(c, 16) < 0 && c != '/') {
                return name;
            }
        }
        return name.substring(0, at - 1) + "_";
    }

    private static String numbered(String name) {
        int end = name.length();
        while (end > 0 && name.charAt(end - 1) >= '0' && name.charAt(end - 1) <= '9') {
            end--;
        }
        if (end == name.length() || end == 0) {
            return name;
        }
        String before = name.substring(0, end);
        for (String generated : NUMBERED) {
            if (before.endsWith("/" + generated)) {
                return before + "_";
            }
        }
        return before.endsWith("/$Proxy") || before.equals("$Proxy") ? before + "_" : name;
    }

    private static String library(String name) {
        for (String library : LIBRARIES) {
            if (name.startsWith(library) && name.length() > library.length() + 3) {
                return library + "_.so";
            }
        }
        return name;
    }
}
