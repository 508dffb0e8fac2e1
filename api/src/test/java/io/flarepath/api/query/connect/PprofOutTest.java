package io.flarepath.api.query.connect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.flarepath.api.Service;
import io.flarepath.api.contract.Answer;
import io.flarepath.api.contract.CheckedHttp;
import io.flarepath.api.ingest.PprofWriter;
import io.flarepath.config.Configuration;
import io.flarepath.config.ConfigurationException;
import java.net.BindException;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What came in as a pprof goes out as one: stacks, inlined calls, files, lines, values. */
class PprofOutTest {
    /**
     * Profiles as five runtimes write them: for each stack its frames, leaf first, and its value. A
     * frame is {@code name@file:line+start}; frames that are one location are joined by {@code <},
     * the innermost first.
     */
    enum Shape {
        GO(
                "process_cpu:cpu:nanoseconds:cpu:nanoseconds",
                "cpu",
                "/usr/bin/app",
                Map.of(
                        "main.leaf@/src/m.go:12+10<main.mid@/src/m.go:33+30;main.main@/src/m.go:7+5",
                        600L,
                        "main.mid@/src/m.go:34+30;main.main@/src/m.go:7+5",
                        300L,
                        "main.mid@/src/m.go:35+30;main.main@/src/m.go:8+5",
                        100L)),
        JAVA(
                "process_cpu:cpu:nanoseconds:cpu:nanoseconds",
                "cpu",
                "",
                Map.of(
                        "java/util/HashMap.get@:0+0;shop/Cart.total@:41+0;java/lang/Thread.run@:0+0",
                        20L,
                        "shop/Cart.total@:42+0;java/lang/Thread.run@:0+0",
                        10L)),
        NODE(
                "wall:wall:microseconds:wall:microseconds",
                "wall",
                "",
                Map.of(
                        "handle:anonymous@file:///app/server.js:17+0;(root)@:0+0",
                        10_000L,
                        "processTicksAndRejections@node:internal/process/task_queues:95+0;(root)@:0+0",
                        20_000L)),
        PYTHON(
                "process_cpu:cpu:nanoseconds:cpu:nanoseconds",
                "cpu",
                "",
                Map.of(
                        "fib@/app/fib.py:5+0;fib@/app/fib.py:6+0;<module>@/app/main.py:20+0",
                        7L,
                        "fib@/app/fib.py:6+0;<module>@/app/main.py:20+0",
                        9L)),
        DOTNET(
                "process_cpu:cpu:nanoseconds::nanoseconds",
                "cpu",
                "",
                Map.of(
                        "|lm:App |ns:Shop |ct:Cart |fn:Total@Cart.cs:3+0;|lm:App |fn:Main@:0+0",
                        5L,
                        "|lm:App |fn:Main@:0+0",
                        6L));

        private final String type;
        private final String sampleType;
        private final String mapping;

        @SuppressWarnings("ImmutableEnumChecker") // Map.of is immutable.
        private final Map<String, Long> stacks;

        Shape(String type, String sampleType, String mapping, Map<String, Long> stacks) {
            this.type = type;
            this.sampleType = sampleType;
            this.mapping = mapping;
            this.stacks = stacks;
        }
    }

    @TempDir static Path data;
    private static Service service;
    private static CheckedHttp http;

    @BeforeAll
    static void start() throws BindException, ConfigurationException {
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
    }

    @AfterAll
    static void stop() {
        http.close();
        service.close();
    }

    @ParameterizedTest
    @EnumSource
    void comesBackAsItWas(Shape shape) {
        String name = "shape-" + shape.name().toLowerCase(java.util.Locale.ROOT);
        ingest(name, pprof(shape).bytes());
        JsonNode first = profile(name, shape);
        assertThat(stacks(first)).isEqualTo(new TreeMap<>(shape.stacks));
        String[] type = shape.type.split(":", -1);
        assertThat(text(first, first.at("/sampleType/0/type"))).isEqualTo(type[1]);
        assertThat(text(first, first.at("/sampleType/0/unit"))).isEqualTo(type[2]);
        assertThat(text(first, first.at("/periodType/type"))).isEqualTo(type[3]);

        // The binary form, as a tool would download it, says the same when it comes in again.
        String again = name + "-again";
        ingest(again, download(name, shape));
        assertThat(stacks(profile(again, shape))).isEqualTo(stacks(first));
    }

    @Test
    void ofSeveralProfilesEachLineIsAdded() {
        ingest("twice", pprof(Shape.GO).bytes());
        ingest("twice", pprof(Shape.GO).period("cpu", "nanoseconds", 7).bytes());
        Map<String, Long> doubled = new TreeMap<>(Shape.GO.stacks);
        doubled.replaceAll((stack, value) -> 2 * value);
        assertThat(stacks(profile("twice", Shape.GO))).isEqualTo(doubled);
    }

    private static void ingest(String name, byte[] pprof) {
        Answer answer =
                http.send(
                        http.request("/ingest?format=pprof&name=" + name)
                                .POST(HttpRequest.BodyPublishers.ofByteArray(pprof)));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    }

    private static JsonNode profile(String name, Shape shape) {
        long now = System.currentTimeMillis();
        Answer answer =
                http.postJson(
                        "/querier.v1.QuerierService/SelectMergeProfile",
                        """
                        {"profileTypeID":"%s","labelSelector":"{service_name=\\"%s\\"}",
                         "start":%d,"end":%d}\
                        """
                                .formatted(shape.type, name, now - 600_000, now + 60_000));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json();
    }

    private static byte[] download(String name, Shape shape) {
        String query = CheckedHttp.encoded(shape.type + "{service_name=\"" + name + "\"}");
        Answer answer =
                http.get(
                        "/pyroscope/render?from=now-10m&until=now%2B1m&format=pprof&query="
                                + query);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.raw();
    }

    private static PprofWriter pprof(Shape shape) {
        String[] type = shape.type.split(":", -1);
        PprofWriter pprof =
                new PprofWriter()
                        .sampleType(shape.sampleType, type[2])
                        .period(type[3], type[4], 1)
                        .time(System.currentTimeMillis() * 1_000_000, 1_000_000_000L);
        long mapping = 0;
        if (!shape.mapping.isEmpty()) {
            mapping = 1;
            pprof.mapping(1, 0x400000, 0, shape.mapping, "abcdef");
        }
        Map<String, Long> locations = new HashMap<>();
        Map<String, Long> functions = new HashMap<>();
        for (Map.Entry<String, Long> stack : new TreeMap<>(shape.stacks).entrySet()) {
            List<Long> ids = new ArrayList<>();
            for (String location : stack.getKey().split(";", -1)) {
                Long known = locations.get(location);
                if (known == null) {
                    known = locations.size() + 1L;
                    locations.put(location, known);
                    location(pprof, known, mapping, location, functions);
                }
                ids.add(known);
            }
            pprof.sample(ids.stream().mapToLong(Long::longValue).toArray(), stack.getValue());
        }
        return pprof;
    }

    private static void location(
            PprofWriter pprof,
            long id,
            long mapping,
            String location,
            Map<String, Long> functions) {
        List<long[]> lines = new ArrayList<>();
        for (String frame : location.split("<(?!module)", -1)) {
            int at = frame.indexOf('@');
            int colon = frame.lastIndexOf(':');
            int plus = frame.lastIndexOf('+');
            String name = frame.substring(0, at);
            String file = frame.substring(at + 1, colon);
            long start = Long.parseLong(frame.substring(plus + 1));
            String key = name + "@" + file;
            Long function = functions.get(key);
            if (function == null) {
                function = functions.size() + 1L;
                functions.put(key, function);
                function(pprof, function, name, file, start);
            }
            lines.add(new long[] {function, Long.parseLong(frame.substring(colon + 1, plus))});
        }
        pprof.field(
                4,
                out -> {
                    out.writeUInt64(1, id);
                    out.writeUInt64(2, mapping);
                    out.writeUInt64(3, 0x400000 + id);
                    for (long[] line : lines) {
                        out.writeByteArray(
                                4,
                                PprofWriter.message(inner -> {
                                    inner.writeUInt64(1, line[0]);
                                    inner.writeInt64(2, line[1]);
                                }));
                    }
                });
    }

    private static void function(PprofWriter pprof, long id, String name, String file, long start) {
        int nameString = pprof.string(name);
        int fileString = pprof.string(file);
        pprof.field(
                5,
                out -> {
                    out.writeUInt64(1, id);
                    out.writeInt64(2, nameString);
                    out.writeInt64(4, fileString);
                    out.writeInt64(5, start);
                });
    }

    private static Map<String, Long> stacks(JsonNode profile) {
        Map<String, JsonNode> locations = byId(profile.path("location"));
        Map<String, JsonNode> functions = byId(profile.path("function"));
        Map<String, Long> stacks = new TreeMap<>();
        for (JsonNode sample : profile.path("sample")) {
            List<String> frames = new ArrayList<>();
            for (JsonNode id : sample.path("locationId")) {
                List<String> lines = new ArrayList<>();
                for (JsonNode line : of(locations, id).path("line")) {
                    JsonNode function = of(functions, line.path("functionId"));
                    lines.add(
                            text(profile, function.path("name"))
                                    + "@"
                                    + text(profile, function.path("filename"))
                                    + ":"
                                    + line.path("line").asText("0")
                                    + "+"
                                    + function.path("startLine").asText("0"));
                }
                frames.add(String.join("<", lines));
            }
            stacks.merge(
                    String.join(";", frames),
                    Long.parseLong(sample.at("/value/0").textValue()),
                    Long::sum);
        }
        return stacks;
    }

    private static JsonNode of(Map<String, JsonNode> byId, JsonNode id) {
        return java.util.Objects.requireNonNull(byId.get(id.textValue()), id.toString());
    }

    private static Map<String, JsonNode> byId(JsonNode list) {
        Map<String, JsonNode> byId = new HashMap<>();
        list.forEach(each -> byId.put(each.path("id").textValue(), each));
        return byId;
    }

    private static String text(JsonNode profile, JsonNode index) {
        return profile.path("stringTable").path(index.asInt(0)).textValue();
    }
}
