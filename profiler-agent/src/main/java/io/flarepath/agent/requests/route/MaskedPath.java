package io.flarepath.agent.requests.route;

/** Paths of URLs without the values of their queries. */
public final class MaskedPath {
    private static final int LONGEST = 512;

    private MaskedPath() {}

    /**
     * The path of a request target (RFC 9112, section 3.2): {@code /a?b=secret&c} becomes {@code
     * /a?b=?&c}, and of an absolute target only the path is left. What looks like no parameter at
     * all is masked whole: it may be a token. Values of parameters within the path ({@code
     * ;jsessionid=*}) are masked too, and user names and passwords of addresses are left out.
     *
     * @param target in whatever form; characters that are no printable ASCII become {@code *} in
     *     the path and {@code ?} in the query
     */
    public static String of(String target) {
        String path = target;
        int fragment = path.indexOf('#');
        if (fragment >= 0) {
            path = path.substring(0, fragment);
        }
        int question = path.indexOf('?');
        String query = question < 0 ? "" : path.substring(question + 1);
        path = question < 0 ? path : path.substring(0, question);
        int scheme = path.indexOf("://");
        if (path.startsWith("/")) {
            path = withoutUsers(path);
        } else if (scheme > 0) {
            int slash = path.indexOf('/', scheme + 3);
            path = slash < 0 ? "/" : withoutUsers(path.substring(slash));
        } else {
            path = path.substring(path.lastIndexOf('@') + 1);
        }
        StringBuilder masked = new StringBuilder(Math.min(path.length(), LONGEST) + 16);
        parameters(masked, path);
        if (question >= 0) {
            query(masked, query);
        }
        masked.setLength(Math.min(masked.length(), LONGEST));
        return masked.toString();
    }

    /**
     * Without {@code name:password@} of addresses that are part of a path, as proxies have them.
     */
    private static String withoutUsers(String path) {
        String clean = path;
        int scheme = clean.indexOf("://");
        while (scheme >= 0) {
            int from = scheme + 3;
            int slash = clean.indexOf('/', from);
            int at = clean.lastIndexOf('@', slash < 0 ? clean.length() : slash);
            if (at >= from) {
                clean = clean.substring(0, from) + clean.substring(at + 1);
            }
            scheme = clean.indexOf("://", from);
        }
        return clean;
    }

    private static void parameters(StringBuilder masked, String path) {
        int from = 0;
        while (from < path.length() && masked.length() < LONGEST) {
            int semicolon = path.indexOf(';', from);
            int equals = semicolon < 0 ? -1 : path.indexOf('=', semicolon);
            int slash = semicolon < 0 ? -1 : path.indexOf('/', semicolon);
            int end = slash < 0 ? path.length() : slash;
            if (equals < 0 || equals > end) {
                plain(masked, path.substring(from, semicolon < 0 ? path.length() : end), '*');
                from = semicolon < 0 ? path.length() : end;
            } else {
                plain(masked, path.substring(from, equals), '*');
                masked.append("=*");
                int next = path.indexOf(';', equals);
                from = next < 0 || next > end ? end : next;
            }
        }
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
                plain(masked, query.substring(from, equals), '?');
                masked.append("=?");
            } else if (to > from) {
                masked.append('?');
            }
            separator = '&';
            from = to + 1;
        }
    }

    private static void plain(StringBuilder out, String text, char masked) {
        for (int i = 0; i < text.length() && out.length() < LONGEST; i++) {
            char c = text.charAt(i);
            out.append(c > ' ' && c < 127 ? c : masked);
        }
    }
}
