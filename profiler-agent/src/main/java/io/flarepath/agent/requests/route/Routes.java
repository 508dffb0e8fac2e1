package io.flarepath.agent.requests.route;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Gives paths of one service their route: that of the first configured pattern which fits, else a
 * template that is learned. Where a part of the path looks like an id, or takes too many different
 * values, the template has {@code {}} in its place. There are never more than so many templates:
 * what has no room is {@value #OTHER}. Not for several threads.
 */
public final class Routes {
    /** The route of what has no room. */
    public static final String OTHER = "other";

    /** Templates of a service that are learned. */
    public static final int MOST_TEMPLATES = 200;

    private static final int MOST_CHILDREN = 16;
    private static final int DEEPEST = 8;
    private static final String ANY = "{}";

    private final List<RoutePattern> patterns;
    private final Node root = new Node("");
    private int templates;

    /** One part of a path. */
    private static final class Node {
        /** All parts up to here, each behind a slash. */
        private final String template;

        private final Map<String, Node> children = new HashMap<>();
        private boolean isTemplate;

        Node(String template) {
            this.template = template;
        }
    }

    /**
     * Nothing is learned yet.
     *
     * @param patterns as {@code /users/{id}/orders} or {@code /static/**}, the first that fits wins
     */
    public Routes(List<String> patterns) {
        this.patterns = patterns.stream().map(RoutePattern::new).toList();
    }

    /**
     * The route of a path.
     *
     * @param path without its query
     * @param learn whether a template may be made of it; not for what the server does not know,
     *     lest somebody who tries names fills the table
     */
    public String of(String path, boolean learn) {
        if (!patterns.isEmpty()) {
            String[] parts = parts(path);
            for (RoutePattern pattern : patterns) {
                if (pattern.fits(parts)) {
                    return pattern.text();
                }
            }
        }
        Node node = root;
        int from = start(path);
        int end = end(path);
        boolean more = from < end;
        for (int depth = 0; more && depth < DEEPEST; depth++) {
            int slash = path.indexOf('/', from);
            int to = slash < 0 || slash > end ? end : slash;
            Node next = next(node, path.substring(from, to), learn);
            if (next == null) {
                return OTHER;
            }
            node = next;
            more = to < end;
            from = to + 1;
        }
        if (!node.isTemplate) {
            if (!learn || templates >= MOST_TEMPLATES) {
                return OTHER;
            }
            node.isTemplate = true;
            templates++;
        }
        return more ? node.template + "/**" : node.template.isEmpty() ? "/" : node.template;
    }

    /** Where a part leads, or null if there is no way and none may be made. */
    private @Nullable Node next(Node node, String part, boolean learn) {
        Node own = PathIds.isId(part) ? null : child(node, part, learn);
        return own == null ? child(node, ANY, learn) : own;
    }

    /** The child for a part, or null if it does not exist and may not be made. */
    private @Nullable Node child(Node node, String part, boolean learn) {
        Node child = node.children.get(part);
        boolean room = part.equals(ANY) || node.children.size() < MOST_CHILDREN;
        if (child == null && learn && room && templates < MOST_TEMPLATES) {
            child = new Node(node.template + "/" + part);
            node.children.put(part, child);
        }
        return child;
    }

    private static int start(String path) {
        return path.startsWith("/") ? 1 : 0;
    }

    private static int end(String path) {
        return path.endsWith("/") && path.length() > 1 ? path.length() - 1 : path.length();
    }

    static String[] parts(String path) {
        int from = start(path);
        int to = end(path);
        return from >= to ? new String[0] : path.substring(from, to).split("/", -1);
    }
}
