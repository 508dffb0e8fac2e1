package io.flarepath.it;

import com.fasterxml.jackson.databind.JsonNode;

/** The answer of {@code /api/v1/flamegraph}, as far as tests ask it. */
final class FlameGraph {
    private final JsonNode graph;
    private final JsonNode nodes;

    FlameGraph(JsonNode graph) {
        this.graph = graph;
        this.nodes = graph.path("nodes");
        if (nodes.path("parent").size() < 2) {
            throw new AssertionError("an empty flame graph: " + graph.path("empty"));
        }
    }

    long total() {
        return graph.path("total").asLong();
    }

    long samples() {
        return graph.path("samples").asLong();
    }

    private int size() {
        return nodes.path("parent").size();
    }

    private String name(int node) {
        return graph.path("names").path(column("name", node)).asText();
    }

    private String kind(int node) {
        return graph.path("kinds").path(column("kind", node)).asText();
    }

    private int column(String column, int node) {
        return nodes.path(column).path(node).asInt();
    }

    /** Total of a function that is not recursive, wherever it stands. */
    long total(String function) {
        long sum = 0;
        for (int node = 1; node < size(); node++) {
            if (name(node).equals(function)) {
                sum += nodes.path("total").path(node).asLong();
            }
        }
        return sum;
    }

    /** Self time of all frames of a kind. */
    long ofKind(String kind) {
        long sum = 0;
        for (int node = 1; node < size(); node++) {
            if (kind(node).equals(kind)) {
                sum += nodes.path("self").path(node).asLong();
            }
        }
        return sum;
    }

    /** Whether a function stands directly below another. */
    boolean below(String caller, String callee) {
        for (int node = 1; node < size(); node++) {
            if (name(node).equals(callee) && name(column("parent", node)).equals(caller)) {
                return true;
            }
        }
        return false;
    }

    /** Whether a kernel frame stands somewhere below a function. */
    boolean kernelBelow(String function) {
        for (int node = 1; node < size(); node++) {
            if (kind(node).equals("kernel")) {
                for (int at = node; at > 0; at = column("parent", at)) {
                    if (name(at).equals(function)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }
}
