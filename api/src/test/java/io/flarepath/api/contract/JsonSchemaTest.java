package io.flarepath.api.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;

class JsonSchemaTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void knowsTypes() {
        assertThat(violations("{'type':'integer'}", "1.5"))
                .containsExactly("$ is NUMBER, not integer");
        assertThat(violations("{'type':'integer'}", "1")).isEmpty();
        assertThat(violations("{'type':'number'}", "1.5")).isEmpty();
        assertThat(violations("{'type':'string'}", "1")).hasSize(1);
        assertThat(violations("{'type':'boolean'}", "'a'")).hasSize(1);
        assertThat(violations("{'type':'array'}", "{}")).hasSize(1);
        assertThat(violations("{'type':'object'}", "[]")).hasSize(1);
    }

    @Test
    void takesNullOnlyWhereItIsAllowed() {
        assertThat(violations("{'type':'string'}", "null")).hasSize(1);
        assertThat(violations("{'type':'string','nullable':true}", "null")).isEmpty();
    }

    @Test
    void knowsEnumsAndBounds() {
        assertThat(violations("{'enum':['a','b']}", "'c'")).hasSize(1);
        assertThat(violations("{'enum':['a','b']}", "'b'")).isEmpty();
        assertThat(violations("{'minimum':0}", "-1")).hasSize(1);
        assertThat(violations("{'minimum':0}", "0")).isEmpty();
        assertThat(violations("{'maximum':3}", "4")).hasSize(1);
    }

    @Test
    void knowsItems() {
        assertThat(violations("{'items':{'type':'string'}}", "['a',1,'b',2]"))
                .containsExactly("$[1] is NUMBER, not string", "$[3] is NUMBER, not string");
    }

    @Test
    void knowsAdditionalProperties() {
        String closed = "{'properties':{'a':{}},'additionalProperties':false}";
        assertThat(violations(closed, "{'a':1}")).isEmpty();
        assertThat(violations(closed, "{'b':1}")).containsExactly("$.b is not described");
        assertThat(violations("{'additionalProperties':{'type':'string'}}", "{'b':1}")).hasSize(1);
        assertThat(violations("{'properties':{'a':{}}}", "{'b':1}")).isEmpty();
    }

    @Test
    void wantsExactlyOneOf() {
        String either = "{'oneOf':[{'type':'integer'},{'type':'string'}]}";
        assertThat(violations(either, "1")).isEmpty();
        assertThat(violations(either, "true")).hasSize(1);
        assertThat(violations("{'oneOf':[{'type':'integer'},{'type':'number'}]}", "1")).hasSize(1);
    }

    @Test
    void followsReferences() {
        JsonNode document = json("{'schemas':{'name':{'type':'string'}}}");
        JsonSchema schema = new JsonSchema(document);
        assertThat(schema.violations(json("{'$ref':'#/schemas/name'}"), json("1"))).hasSize(1);
        assertThatThrownBy(() -> schema.violations(json("{'$ref':'#/schemas/no'}"), json("1")))
                .hasMessageContaining("leads nowhere");
    }

    @Test
    void refusesAKeywordThatItDoesNotCheck() {
        assertThatThrownBy(() -> violations("{'pattern':'a'}", "'b'"))
                .hasMessageContaining("pattern");
    }

    private static List<String> violations(String schema, String value) {
        return new JsonSchema(json("{}")).violations(json(schema), json(value));
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text.replace('\'', '"'));
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }
}
