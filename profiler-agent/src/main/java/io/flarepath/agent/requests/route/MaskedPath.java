package io.flarepath.agent.requests.route;

/** Paths of URLs without the values of their queries. */
public final class MaskedPath {
    private static final int LONGEST = 512;

    private MaskedPath() {}

    /**
     * The path of a request target (RFC 9112, section 3.2): {@code /a?b=secret&c} becomes {@code
     * /a?b=?&c}, and of an absolute target only the path is left. What looks like no parameter at
     * all is masked whole: it may be a token.
     *
     * @param target in whatever form; characters that are no printable ASCII become {@code ?}
     */
    public static String of(String target) {
        String path = target;
        int scheme = path.indexOf("://");
        if (scheme > 0 && !path.startsWith("/")) {
            int slash = path.indexOf('/', scheme + 3);
            path = slash < 0 ? "/" : path.substring(slash);
        }
        int fragment = path.indexOf('#');
        if (fragment >= 0) {
            path = path.substring(0, fragment);
        }
        StringBuilder masked = new StringBuilder(Math.min(path.length(), LONGEST) + 16);
        int question = path.indexOf('?');
        plain(masked, question < 0 ? path : path.substring(0, question));
        if (question >= 0) {
            query(masked, path.substring(question + 1));
        }
        masked.setLength(Math.min(masked.length(), LONGEST));
        return masked.toString();
    }

    /** The same without its query. */
    public static String withoutQuery(String masked) {
        int question = masked.indexOf('?');
        return question < 0 ? masked : masked.substring(0, question);
    }

    private static void query(StringBuilder masked, String query) {
        char separator = '?';
        int from = 0;
        while (from <= query.length() && masked.length() < LONGEST) {
            int to = query.indexOf('&', from);
            to = to < 0 ? query.length() : to;
            int equals = query.indexOf('=', from);
            masked.append(separator);
            if (equals >= from && equals < to) {
                plain(masked, query.substring(from, equals));
                masked.append("=?");
            } else if (to > from) {
                masked.append('?');
            }
            separator = '&';
            from = to + 1;
        }
    }

    private static void plain(StringBuilder out, String text) {
        for (int i = 0; i < text.length() && out.length() < LONGEST; i++) {
            char c = text.charAt(i);
            out.append(c > ' ' && c < 127 ? c : '?');
        }
    }
}
