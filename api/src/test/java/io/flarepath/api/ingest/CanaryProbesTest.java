package io.flarepath.api.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.flarepath.api.Service;
import io.flarepath.api.contract.Answer;
import io.flarepath.api.contract.CheckedHttp;
import io.flarepath.config.Configuration;
import io.opentelemetry.proto.collector.profiles.v1development.ExportProfilesServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.profiles.v1development.Function;
import io.opentelemetry.proto.profiles.v1development.Line;
import io.opentelemetry.proto.profiles.v1development.Location;
import io.opentelemetry.proto.profiles.v1development.Mapping;
import io.opentelemetry.proto.profiles.v1development.Profile;
import io.opentelemetry.proto.profiles.v1development.ProfilesDictionary;
import io.opentelemetry.proto.profiles.v1development.ResourceProfiles;
import io.opentelemetry.proto.profiles.v1development.Sample;
import io.opentelemetry.proto.profiles.v1development.ScopeProfiles;
import io.opentelemetry.proto.profiles.v1development.Stack;
import io.opentelemetry.proto.profiles.v1development.ValueType;
import io.opentelemetry.proto.resource.v1.Resource;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code profilecli canary-exporter --query-probe-set all} sends, and what it expects back
 * (Pyroscope 2.2, cmd/profilecli): one profile pushed, one exported twice, and each query of the
 * five seconds after the moment that all of them carry.
 */
class CanaryProbesTest {
    private static final String PUSHED = "deadmans_switch:made_up:profilos:made_up:profilos";
    private static final String EXPORTED = "otlp_test:otlp_test:count:otlp_test:samples";
    private static final String SERVICE = "pyroscope-canary-exporter";
    private static final String SPAN = "00000bac2a5ab0c7";
    private static final String SELECTOR =
            "{service_name=\\\""
                    + SERVICE
                    + "\\\", job=\\\"canary-exporter\\\", instance=\\\"h\\\"}";

    @TempDir static Path data;
    private static Service service;
    private static CheckedHttp http;
    private static long now;

    @BeforeAll
    static void ingest() throws Exception {
        service =
                Service.start(
                        Configuration.load(
                                null,
                                Map.of(),
                                List.of(
                                        "data=" + data,
                                        "listen=127.0.0.1:0",
                                        "otlp.grpc.listen=",
                                        "otlp.http.listen=")));
        http = new CheckedHttp(service.url());
        now = System.currentTimeMillis();
        byte[] pushed =
                new PushRequests()
                        .series(
                                Map.of(
                                        "__name__",
                                        "deadmans_switch",
                                        "service_name",
                                        SERVICE,
                                        "job",
                                        "canary-exporter",
                                        "instance",
                                        "h"),
                                "",
                                pprof())
                        .proto();
        sent("/push.v1.PusherService/Push", "application/proto", pushed);
        sent(
                "/v1development/profiles",
                "application/x-protobuf",
                export("otlp_http_protobuf").toByteArray());
        sent("/v1development/profiles", "application/json", json("otlp_http_json").getBytes(UTF_8));
    }

    @AfterAll
    static void stop() {
        http.close();
        service.close();
    }

    private static void sent(String path, String type, byte[] body) {
        Answer answer =
                http.send(
                        http.request(path)
                                .header("Content-Type", type)
                                .POST(BodyPublishers.ofByteArray(body)));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    }

    /** func1 is the leaf, called by func2; the sample of func1 alone belongs to a span. */
    private static byte[] pprof() {
        return new PprofWriter()
                .sampleType("made_up", "profilos")
                .period("made_up", "profilos", 0)
                .time(now * 1_000_000, 0)
                .sample(new long[] {1, 2}, 10)
                .sample(Map.of("profile_id", SPAN), new long[] {1}, 20)
                .mapping(1, 0, 0, "", "")
                .location(1, 1, 0, 1)
                .location(2, 1, 0, 2)
                .function(1, "func1", "")
                .function(2, "func2", "")
                .bytes();
    }

    /** Unlike what OpenTelemetry says, the first location is one, not the empty one. */
    private static ExportProfilesServiceRequest export(String method) {
        ProfilesDictionary.Builder dictionary =
                ProfilesDictionary.newBuilder()
                        .addAllStringTable(
                                List.of("", "otlp_test", "samples", "count", "func1", "func2"))
                        .addMappingTable(Mapping.getDefaultInstance())
                        .addFunctionTable(Function.getDefaultInstance())
                        .addFunctionTable(Function.newBuilder().setNameStrindex(4))
                        .addFunctionTable(Function.newBuilder().setNameStrindex(5))
                        .addLocationTable(
                                Location.newBuilder()
                                        .addLines(Line.newBuilder().setFunctionIndex(1)))
                        .addLocationTable(
                                Location.newBuilder()
                                        .addLines(Line.newBuilder().setFunctionIndex(2)))
                        .addStackTable(Stack.getDefaultInstance())
                        .addStackTable(
                                Stack.newBuilder().addLocationIndices(1).addLocationIndices(0))
                        .addStackTable(Stack.newBuilder().addLocationIndices(0));
        Profile.Builder profile =
                Profile.newBuilder()
                        .setTimeUnixNano(now * 1_000_000)
                        .setPeriod(1)
                        .setSampleType(ValueType.newBuilder().setTypeStrindex(1).setUnitStrindex(3))
                        .setPeriodType(ValueType.newBuilder().setTypeStrindex(1).setUnitStrindex(2))
                        .addSamples(Sample.newBuilder().setStackIndex(1).addValues(10))
                        .addSamples(Sample.newBuilder().setStackIndex(2).addValues(20));
        return ExportProfilesServiceRequest.newBuilder()
                .setDictionary(dictionary)
                .addResourceProfiles(
                        ResourceProfiles.newBuilder()
                                .setResource(
                                        Resource.newBuilder()
                                                .addAttributes(attribute("service.name", SERVICE))
                                                .addAttributes(attribute("job", "canary-exporter"))
                                                .addAttributes(attribute("instance", "h"))
                                                .addAttributes(
                                                        attribute("ingestion_method", method)))
                                .addScopeProfiles(
                                        ScopeProfiles.newBuilder()
                                                .setScope(
                                                        InstrumentationScope.newBuilder()
                                                                .setName(SERVICE))
                                                .addProfiles(profile)))
                .build();
    }

    private static KeyValue attribute(String key, String value) {
        return KeyValue.newBuilder()
                .setKey(key)
                .setValue(AnyValue.newBuilder().setStringValue(value))
                .build();
    }

    private static String json(String method) {
        return """
        {"dictionary":{
          "stringTable":["","otlp_test","samples","count","func1","func2"],
          "mappingTable":[{}],
          "functionTable":[{},{"nameStrindex":4},{"nameStrindex":5}],
          "locationTable":[{"lines":[{"functionIndex":1}]},{"lines":[{"functionIndex":2}]}],
          "stackTable":[{},{"locationIndices":[1,0]},{"locationIndices":[0]}]},
         "resourceProfiles":[{
          "resource":{"attributes":[
           {"key":"service.name","value":{"stringValue":"%1$s"}},
           {"key":"job","value":{"stringValue":"canary-exporter"}},
           {"key":"instance","value":{"stringValue":"h"}},
           {"key":"ingestion_method","value":{"stringValue":"%2$s"}}]},
          "scopeProfiles":[{"scope":{"name":"%1$s"},"profiles":[{
           "timeUnixNano":"%3$d","period":"1",
           "sampleType":{"typeStrindex":1,"unitStrindex":3},
           "periodType":{"typeStrindex":1,"unitStrindex":2},
           "samples":[{"stackIndex":1,"values":["10"]},{"stackIndex":2,"values":["20"]}]}]}]}]}
        """
                .formatted(SERVICE, method, now * 1_000_000);
    }

    private static JsonNode ask(String method, String more) {
        Answer answer =
                http.postJson(
                        "/querier.v1.QuerierService/" + method,
                        "{\"start\":\"%d\",\"end\":\"%d\"%s}".formatted(now, now + 5_000, more));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json();
    }

    private static String of(String type) {
        return ",\"profileTypeID\":\"" + type + "\",\"labelSelector\":\"" + SELECTOR + "\"";
    }

    /** Stacks, leaf first, with the sums of their values. */
    private static Map<String, Long> stacks(JsonNode pprof) {
        Map<String, Long> stacks = new TreeMap<>();
        for (JsonNode sample : pprof.get("sample")) {
            StringBuilder stack = new StringBuilder();
            for (JsonNode id : sample.get("locationId")) {
                JsonNode location = withId(pprof.get("location"), id.textValue());
                for (JsonNode line : location.get("line")) {
                    JsonNode function =
                            withId(pprof.get("function"), line.get("functionId").textValue());
                    stack.append(stack.isEmpty() ? "" : ">")
                            .append(
                                    pprof.get("stringTable")
                                            .get(function.get("name").asInt())
                                            .textValue());
                }
            }
            stacks.merge(stack.toString(), sample.get("value").get(0).asLong(), Long::sum);
        }
        return stacks;
    }

    private static JsonNode withId(JsonNode table, String id) {
        for (JsonNode entry : table) {
            if (entry.get("id").textValue().equals(id)) {
                return entry;
            }
        }
        throw new AssertionError("no " + id + " in " + table);
    }

    private static void hasThreeLevels(JsonNode graph) {
        assertThat(graph.get("names")).as(graph.toString()).hasSize(3);
        assertThat(graph.get("levels")).as(graph.toString()).hasSize(3);
    }

    @Test
    void whatWasPushedAndExportedIsMerged() {
        assertThat(stacks(ask("SelectMergeProfile", of(PUSHED))))
                .isEqualTo(Map.of("func1>func2", 10L, "func1", 20L));
        assertThat(stacks(ask("SelectMergeProfile", of(EXPORTED))))
                .isEqualTo(Map.of("func2>func1", 20L, "func1", 40L));
    }

    @Test
    void typesSeriesAndLabelsAreListed() {
        assertThat(ask("ProfileTypes", "").get("profileTypes").findValuesAsText("ID"))
                .contains(PUSHED);
        assertThat(
                        ask("Series", ",\"labelNames\":[\"service_name\",\"__profile_type__\"]")
                                .get("labelsSet")
                                .findValuesAsText("value"))
                .contains(PUSHED, EXPORTED, SERVICE);
        String ofService = ",\"matchers\":[\"{service_name=\\\"" + SERVICE + "\\\"}\"]";
        assertThat(ask("LabelNames", ofService).get("names"))
                .extracting(JsonNode::textValue)
                .contains(
                        "__name__",
                        "__period_type__",
                        "__period_unit__",
                        "__profile_type__",
                        "__service_name__",
                        "__type__",
                        "__unit__",
                        "service_name");
        assertThat(ask("LabelValues", ofService + ",\"name\":\"service_name\"").toString())
                .isEqualTo("{\"names\":[\"" + SERVICE + "\"]}");
    }

    @Test
    void aStepThatIsLongerThanTheRangeIsOnePoint() {
        JsonNode series =
                ask("SelectSeries", of(PUSHED) + ",\"step\":1000,\"groupBy\":[\"service_name\"]")
                        .get("series");
        assertThat(series).hasSize(1);
        assertThat(series.get(0).get("labels").toString())
                .isEqualTo("[{\"name\":\"service_name\",\"value\":\"" + SERVICE + "\"}]");
        assertThat(series.get(0).get("points")).hasSize(1);
        assertThat(series.get(0).at("/points/0/value").doubleValue()).isEqualTo(30);
    }

    @Test
    void flameGraphsHaveWhatWasPushed() {
        hasThreeLevels(ask("SelectMergeStacktraces", of(PUSHED)).get("flamegraph"));
        JsonNode span =
                ask("SelectMergeSpanProfile", of(PUSHED) + ",\"spanSelector\":[\"" + SPAN + "\"]")
                        .get("flamegraph");
        assertThat(span.get("names").toString()).isEqualTo("[\"total\",\"func1\"]");
        assertThat(span.get("levels")).hasSize(2);
    }

    @Test
    void anExemplarLeadsToItsProfile() {
        JsonNode points =
                ask(
                                "SelectSeries",
                                of(PUSHED)
                                        + ",\"step\":5,\"exemplarType\":\"EXEMPLAR_TYPE_INDIVIDUAL\"")
                        .at("/series/0/points");
        assertThat(points).hasSize(1);
        JsonNode exemplars = points.get(0).get("exemplars");
        assertThat(exemplars).hasSize(1);
        assertThat(exemplars.get(0).get("value").asLong()).isEqualTo(30);
        String id = exemplars.get(0).get("profileId").textValue();
        hasThreeLevels(
                ask(
                                "SelectMergeStacktraces",
                                of(PUSHED) + ",\"profileIdSelector\":[\"" + id + "\"]")
                        .get("flamegraph"));
    }

    @Test
    void rendersAndDiffs() {
        String query = CheckedHttp.encoded(PUSHED + SELECTOR.replace("\\", ""));
        String until = Long.toString(now + 5_000);
        hasThreeLevels(
                http.get("/pyroscope/render?query=" + query + "&from=" + now + "&until=" + until)
                        .json()
                        .get("flamebearer"));
        hasThreeLevels(
                http.get(
                                "/pyroscope/render-diff?leftQuery=%1$s&leftFrom=%2$d&leftUntil=%3$s&rightQuery=%1$s&rightFrom=%2$d&rightUntil=%3$s"
                                        .formatted(query, now, until))
                        .json()
                        .get("flamebearer"));
    }

    @Test
    void tellsThatThereIsData() {
        JsonNode stats = ask("GetProfileStats", "");
        assertThat(stats.get("dataIngested").booleanValue()).isTrue();
        // The ten minutes in which it lies.
        assertThat(stats.get("oldestProfileTime").asLong()).isEqualTo(now / 600_000 * 600_000);
        assertThat(stats.get("newestProfileTime").asLong()).isEqualTo(now);
    }
}
