package io.flarepath.agent.requests.route;

/** A configured route: parts that must be equal, {@code {name}} for any one, {@code **} for all. */
final class RoutePattern {
    private final String text;
    private final String[] parts;

    RoutePattern(String text) {
        this.text = text;
        parts = Routes.parts(text);
    }

    String text() {
        return text;
    }

    boolean fits(String[] path) {
        for (int i = 0; i < parts.length; i++) {
            if (parts[i].equals("**")) {
                return true;
            }
            if (i >= path.length) {
                return false;
            }
            boolean any = parts[i].startsWith("{") && parts[i].endsWith("}");
            if (!any && !parts[i].equals(path[i])) {
                return false;
            }
        }
        return path.length == parts.length;
    }
}
