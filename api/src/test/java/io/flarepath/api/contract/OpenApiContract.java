package io.flarepath.api.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * openapi.yaml as a judge of answers: the route, its method, its parameters, the status, the
 * content type and every field must be described. What is not described must be answered with 404
 * or 405.
 */
public final class OpenApiContract {
    private final JsonNode document;
    private final JsonSchema schemas;

    /** Judges by the given description. */
    OpenApiContract(String yaml) {
        Object tree = new Load(LoadSettings.builder().build()).loadFromString(yaml);
        this.document = new ObjectMapper().valueToTree(tree);
        this.schemas = new JsonSchema(document);
    }

    /** Judges by the description that the service itself serves. */
    public static OpenApiContract load() {
        try (InputStream in =
                OpenApiContract.class.getClassLoader().getResourceAsStream("openapi.yaml")) {
            if (in == null) {
                throw new IllegalStateException("openapi.yaml is not on the class path");
            }
            return new OpenApiContract(
                    new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Judges one answer.
     *
     * @param path of the URL, without its query
     * @param parameters names of the parameters of the URL's query
     * @throws AssertionError with everything that is not as described
     */
    public void check(String method, String path, Set<String> parameters, Answer answer) {
        List<String> found = violations(method, path, parameters, answer);
        if (!found.isEmpty()) {
            throw new AssertionError(
                    method
                            + " "
                            + path
                            + " → "
                            + answer.status()
                            + " is not as openapi.yaml says:\n  "
                            + String.join("\n  ", found));
        }
    }

    private List<String> violations(
            String method, String path, Set<String> parameters, Answer answer) {
        JsonNode route = route(path);
        if (route == null) {
            return refusal(404, "the route is not described", answer);
        }
        String verb = method.equals("HEAD") ? "get" : method.toLowerCase(Locale.ROOT);
        JsonNode operation = route.path(verb);
        if (operation.isMissingNode()) {
            return refusal(405, "the method is not described", answer);
        }
        List<String> found = new ArrayList<>();
        if (answer.status() < 400) {
            Set<String> unknown = new HashSet<>(parameters);
            unknown.removeAll(parameterNames(operation));
            unknown.forEach(name -> found.add("the parameter " + name + " is not described"));
        }
        JsonNode responses = operation.path("responses");
        JsonNode response = responses.path(Integer.toString(answer.status()));
        if (response.isMissingNode() && answer.status() >= 400) {
            response = responses.path("default");
        }
        if (response.isMissingNode()) {
            found.add("the status is not described");
        } else {
            checkBody(method, resolved(response), answer, found);
        }
        return found;
    }

    private List<String> refusal(int status, String why, Answer answer) {
        if (answer.status() != status) {
            return List.of(why + ", so it must be answered with " + status);
        }
        return schemas.violations(schemas.resolve("#/components/schemas/Error"), answer.json());
    }

    private void checkBody(String method, JsonNode response, Answer answer, List<String> found) {
        if (method.equals("HEAD")) {
            return;
        }
        JsonNode content = response.path("content");
        if (content.isMissingNode()) {
            if (answer.raw().length > 0) {
                found.add("a body is not described: " + answer.text());
            }
            return;
        }
        String type = answer.header("Content-Type").split(";", 2)[0].strip();
        JsonNode media = content.path(type);
        if (media.isMissingNode()) {
            media = content.path("*/*");
        }
        if (media.isMissingNode()) {
            found.add("the content type \"" + type + "\" is not described");
        } else if (type.equals("application/json")) {
            found.addAll(schemas.violations(media.path("schema"), answer.json()));
        }
    }

    private Set<String> parameterNames(JsonNode operation) {
        Set<String> names = new HashSet<>();
        for (JsonNode parameter : operation.path("parameters")) {
            names.add(resolved(parameter).path("name").asText());
        }
        return names;
    }

    private JsonNode resolved(JsonNode node) {
        return node.has("$ref") ? schemas.resolve(node.get("$ref").textValue()) : node;
    }

    /** The described route that fits best: the one with most segments that are not templates. */
    private @Nullable JsonNode route(String path) {
        JsonNode best = null;
        int bestLiterals = -1;
        for (Map.Entry<String, JsonNode> route : document.path("paths").properties()) {
            int literals = literals(route.getKey(), path);
            if (literals > bestLiterals) {
                bestLiterals = literals;
                best = route.getValue();
            }
        }
        return best instanceof MissingNode ? null : best;
    }

    /** How many segments are equal, or -1 when the path does not fit the template. */
    private static int literals(String template, String path) {
        String[] wanted = template.split("/", -1);
        String[] given = path.split("/", -1);
        if (wanted.length != given.length) {
            return -1;
        }
        int equal = 0;
        for (int i = 0; i < wanted.length; i++) {
            if (wanted[i].equals(given[i])) {
                equal++;
            } else if (!wanted[i].startsWith("{") || given[i].isEmpty()) {
                return -1;
            }
        }
        return equal;
    }
}
