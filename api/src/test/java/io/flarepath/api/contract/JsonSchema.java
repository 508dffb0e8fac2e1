package io.flarepath.api.contract;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The subset of OpenAPI 3.0's schemas that our description uses. A keyword that is not known here
 * is an error: it would otherwise be a rule that nobody checks.
 */
final class JsonSchema {
    private static final Set<String> CHECKED =
            Set.of(
                    "type",
                    "properties",
                    "required",
                    "additionalProperties",
                    "items",
                    "enum",
                    "oneOf",
                    "nullable",
                    "$ref",
                    "minimum",
                    "maximum");
    private static final Set<String> REMARKS = Set.of("description", "format", "default");

    private final JsonNode document;

    /** Schemas of a document, in which references are looked up. */
    JsonSchema(JsonNode document) {
        this.document = document;
    }

    /** What is wrong with a value; each entry starts with the place. */
    List<String> violations(JsonNode schema, JsonNode value) {
        List<String> found = new ArrayList<>();
        check(schema, value, "$", found);
        return found;
    }

    private void check(JsonNode schema, JsonNode value, String place, List<String> found) {
        if (schema.has("$ref")) {
            check(resolve(schema.get("$ref").textValue()), value, place, found);
            return;
        }
        for (Map.Entry<String, JsonNode> keyword : schema.properties()) {
            if (!CHECKED.contains(keyword.getKey()) && !REMARKS.contains(keyword.getKey())) {
                throw new IllegalArgumentException(
                        "the keyword " + keyword.getKey() + " is not checked by this validator");
            }
        }
        if (value.isNull() && schema.path("nullable").asBoolean(false)) {
            return;
        }
        checkType(schema, value, place, found);
        checkEnum(schema, value, place, found);
        checkBounds(schema, value, place, found);
        checkOneOf(schema, value, place, found);
        if (value.isObject()) {
            checkObject(schema, value, place, found);
        }
        if (value.isArray() && schema.has("items")) {
            for (int i = 0; i < value.size(); i++) {
                check(schema.get("items"), value.get(i), place + "[" + i + "]", found);
            }
        }
    }

    /** The part of the document that a reference points to. */
    JsonNode resolve(String reference) {
        JsonNode target = document.at(reference.substring(1));
        if (!reference.startsWith("#/") || target.isMissingNode()) {
            throw new IllegalArgumentException("the reference " + reference + " leads nowhere");
        }
        return target;
    }

    private static void checkType(
            JsonNode schema, JsonNode value, String place, List<String> found) {
        String type = schema.path("type").asText("");
        boolean fits =
                switch (type) {
                    case "" -> true;
                    case "object" -> value.isObject();
                    case "array" -> value.isArray();
                    case "string" -> value.isTextual();
                    case "boolean" -> value.isBoolean();
                    case "integer" -> value.isIntegralNumber();
                    case "number" -> value.isNumber();
                    default ->
                            throw new IllegalArgumentException("the type " + type + " is unknown");
                };
        if (!fits) {
            found.add(place + " is " + value.getNodeType() + ", not " + type);
        }
    }

    private static void checkEnum(
            JsonNode schema, JsonNode value, String place, List<String> found) {
        if (!schema.has("enum")) {
            return;
        }
        for (JsonNode allowed : schema.get("enum")) {
            if (allowed.equals(value)) {
                return;
            }
        }
        found.add(place + " is " + value + ", not one of " + schema.get("enum"));
    }

    private static void checkBounds(
            JsonNode schema, JsonNode value, String place, List<String> found) {
        if (!value.isNumber()) {
            return;
        }
        if (schema.has("minimum")
                && value.decimalValue().compareTo(schema.get("minimum").decimalValue()) < 0) {
            found.add(place + " is " + value + ", below " + schema.get("minimum"));
        }
        if (schema.has("maximum")
                && value.decimalValue().compareTo(schema.get("maximum").decimalValue()) > 0) {
            found.add(place + " is " + value + ", above " + schema.get("maximum"));
        }
    }

    private void checkOneOf(JsonNode schema, JsonNode value, String place, List<String> found) {
        if (!schema.has("oneOf")) {
            return;
        }
        int fitting = 0;
        for (JsonNode choice : schema.get("oneOf")) {
            fitting += violations(choice, value).isEmpty() ? 1 : 0;
        }
        if (fitting != 1) {
            found.add(place + " fits " + fitting + " of oneOf, not 1");
        }
    }

    private void checkObject(JsonNode schema, JsonNode value, String place, List<String> found) {
        for (JsonNode name : schema.path("required")) {
            if (!value.has(name.textValue())) {
                found.add(place + " lacks " + name.textValue());
            }
        }
        JsonNode others = schema.path("additionalProperties");
        for (Map.Entry<String, JsonNode> field : value.properties()) {
            String at = place + "." + field.getKey();
            JsonNode known = schema.path("properties").path(field.getKey());
            if (!known.isMissingNode()) {
                check(known, field.getValue(), at, found);
            } else if (others.isObject()) {
                check(others, field.getValue(), at, found);
            } else if (others.isBoolean() && !others.booleanValue()) {
                found.add(at + " is not described");
            }
        }
    }
}
