package io.flarepath.symbolizer.live.hotspot;

/**
 * Names of classes that are made at run time differ from run to run by a number or an address; a
 * profile needs the same name for the same code. Names are internal ones, with slashes.
 */
public final class JavaNames {
    private static final String LAMBDA = "$$Lambda";
    private static final String LAMBDA_FORM = "java/lang/invoke/LambdaForm$";
    private static final String PROXY = "$Proxy";
    private static final String PROXY_PACKAGE = "jdk/proxy";

    /** Classes by which reflection calls, without their number. */
    private static final String[] ACCESSORS = {
        "GeneratedMethodAccessor",
        "GeneratedConstructorAccessor",
        "GeneratedSerializationConstructorAccessor"
    };

    /** What marks a class that a library made, before an arbitrary end. */
    private static final String[] GENERATED = {
        "CGLIB$$", "$ByteBuddy$", "$HibernateProxy$", "$MockitoMock$"
    };

    private JavaNames() {}

    /**
     * The name of a class without what is arbitrary in it: addresses of hidden classes, numbers of
     * lambdas, proxies and accessors.
     */
    public static String stable(String className) {
        String name = withoutAddress(className);
        int lambda = name.indexOf(LAMBDA);
        if (lambda >= 0) {
            int end = lambda + LAMBDA.length();
            return isNumbered(name, end) ? name.substring(0, end) : name;
        }
        if (name.startsWith(LAMBDA_FORM)) {
            int end = lastNonDigit(name);
            boolean numbered = end < name.length() && name.charAt(end - 1) == '$';
            return numbered ? name.substring(0, end - 1) : withoutDigits(name);
        }
        return generated(proxy(accessor(name)));
    }

    /** {@code +0x<hex>}, {@code /0x<hex>}, or {@code /<digits>} at the end. */
    private static String withoutAddress(String name) {
        int i = name.length();
        while (i > 0 && isHex(name.charAt(i - 1))) {
            i--;
        }
        if (i == name.length()) {
            return name;
        }
        if (i >= 3 && name.charAt(i - 1) == 'x' && name.charAt(i - 2) == '0') {
            char before = name.charAt(i - 3);
            return before == '+' || before == '/' ? name.substring(0, i - 3) : name;
        }
        int digits = lastNonDigit(name);
        if (digits == name.length() || digits < 2) {
            return name;
        }
        // A class whose name is a number: only those that the VM makes have such.
        char before = name.charAt(digits - 1);
        return before == '/' || before == '+' ? name.substring(0, digits - 1) : name;
    }

    private static boolean isNumbered(String name, int from) {
        if (from == name.length()) {
            return true;
        }
        return name.charAt(from) == '$' && lastNonDigit(name) == from + 1;
    }

    private static String accessor(String name) {
        int digits = lastNonDigit(name);
        if (digits < name.length()) {
            String kind = name.substring(name.lastIndexOf('/') + 1, digits);
            for (String accessor : ACCESSORS) {
                if (kind.equals(accessor)) {
                    return name.substring(0, digits);
                }
            }
        }
        return name;
    }

    private static String proxy(String name) {
        int simple = name.lastIndexOf('/') + 1;
        int digits = lastNonDigit(name);
        if (digits == name.length()
                || digits - simple != PROXY.length()
                || !name.startsWith(PROXY, simple)) {
            return name;
        }
        if (simple > PROXY_PACKAGE.length() && name.startsWith(PROXY_PACKAGE)) {
            boolean numbered = true;
            for (int i = PROXY_PACKAGE.length(); i < simple - 1; i++) {
                numbered &= isDigit(name.charAt(i));
            }
            if (numbered) {
                return PROXY_PACKAGE + "/" + PROXY;
            }
        }
        return name.substring(0, digits);
    }

    private static String generated(String name) {
        for (String mark : GENERATED) {
            int at = name.lastIndexOf(mark);
            int end = at + mark.length();
            if (at >= 0 && end < name.length() && isWord(name, end)) {
                return name.substring(0, end).replaceAll("\\$+$", "");
            }
        }
        return name;
    }

    private static boolean isWord(String name, int from) {
        for (int i = from; i < name.length(); i++) {
            if (!Character.isLetterOrDigit(name.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static String withoutDigits(String name) {
        return name.substring(0, lastNonDigit(name));
    }

    /** Index behind the last character that is no digit. */
    private static int lastNonDigit(String name) {
        int i = name.length();
        while (i > 0 && isDigit(name.charAt(i - 1))) {
            i--;
        }
        return i;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isHex(char c) {
        return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    }
}
