package io.flarepath.api.contract;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A judge that never says no is worth nothing: each rule is broken once. */
class OpenApiContractTest {
    private final OpenApiContract contract = OpenApiContract.load();

    @Test
    void takesWhatIsDescribed() {
        assertThatCode(() -> check("GET", "/api/v1/labels", 200, "{\"names\":[\"pod\"]}"))
                .doesNotThrowAnyException();
        assertThatCode(() -> check("POST", "/nowhere/at/all", 404, error()))
                .doesNotThrowAnyException();
        assertThatCode(() -> check("DELETE", "/api/v1/labels", 405, error()))
                .doesNotThrowAnyException();
    }

    @Test
    void refusesAFieldThatIsNotDescribed() {
        refuses("GET", "/api/v1/labels", 200, "{\"names\":[],\"more\":1}", "$.more");
    }

    @Test
    void refusesAFieldDeepInside() {
        refuses(
                "GET",
                "/api/v1/profile-types",
                200,
                "{\"profileTypes\":[{\"id\":\"a\",\"name\":\"a\",\"sampleType\":\"a\",\"sampleUnit\":\"a\","
                        + "\"periodType\":\"a\",\"periodUnit\":\"a\",\"extra\":\"a\"}]}",
                "$.profileTypes[0].extra");
    }

    @Test
    void refusesALackingField() {
        refuses("GET", "/api/v1/labels", 200, "{}", "lacks names");
    }

    @Test
    void refusesARouteThatIsNotDescribed() {
        refuses("GET", "/api/v1/secret", 200, "{}", "route is not described");
    }

    @Test
    void refusesAMethodThatIsNotDescribed() {
        refuses("PUT", "/api/v1/labels", 200, "{}", "method is not described");
    }

    @Test
    void refusesAStatusThatIsNotDescribed() {
        refuses("GET", "/api/v1/labels", 204, "", "status is not described");
    }

    @Test
    void refusesAnErrorOfAnotherForm() {
        refuses("GET", "/api/v1/labels", 400, "{\"error\":\"no\"}", "lacks code");
        refuses("GET", "/nowhere/at/all", 404, "{\"error\":\"no\"}", "$.error");
    }

    @Test
    void refusesAContentTypeThatIsNotDescribed() {
        Answer html = answer(200, "<p>", "text/html");
        assertThatThrownBy(() -> contract.check("GET", "/api/v1/labels", Set.of(), html))
                .hasMessageContaining("content type \"text/html\"");
    }

    @Test
    void refusesABodyWhereNoneIsDescribed() {
        refuses("POST", "/ingest", 200, "{}", "a body is not described");
    }

    @Test
    void refusesAParameterThatIsNotDescribed() {
        Answer fine = answer(200, "{\"names\":[]}", "application/json");
        assertThatThrownBy(() -> contract.check("GET", "/api/v1/labels", Set.of("form"), fine))
                .hasMessageContaining("the parameter form");
    }

    private void refuses(String method, String path, int status, String body, String why) {
        assertThatThrownBy(() -> check(method, path, status, body))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(why);
    }

    private void check(String method, String path, int status, String body) {
        contract.check(method, path, Set.of(), answer(status, body, "application/json"));
    }

    private static String error() {
        return "{\"code\":\"not_found\",\"message\":\"no\"}";
    }

    private static Answer answer(int status, String body, String type) {
        HttpHeaders headers =
                HttpHeaders.of(Map.of("Content-Type", List.of(type)), (name, value) -> true);
        return new Answer(status, headers, body.getBytes(StandardCharsets.UTF_8));
    }
}
