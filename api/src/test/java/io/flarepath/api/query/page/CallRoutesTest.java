package io.flarepath.api.query.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.flarepath.api.query.ServedStore;
import io.flarepath.store.call.Call;
import io.flarepath.store.call.CallRole;
import io.flarepath.store.call.CallWords;
import io.flarepath.store.profile.Labels;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CallRoutesTest {
    private static final long START = 1_767_225_600_000L;
    private static final String RANGE = "?from=" + START + "&until=" + (START + 600_000);

    @TempDir private Path directory;
    private ServedStore server;
    private long uploads;

    @BeforeEach
    void start() {
        server = new ServedStore(directory);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void write(String service, int number, CallRole role, String... attributes) {
        Map<String, String> all = new HashMap<>();
        for (int i = 0; i < attributes.length; i += 2) {
            all.put(attributes[i], attributes[i + 1]);
        }
        Labels labels = Labels.of(all);
        Call call =
                new Call(
                        Labels.of(Map.of("service_name", service, "pod", service + "-1")),
                        "agent",
                        "call " + number,
                        role,
                        0x1234,
                        number,
                        number,
                        number == 1 ? 77 : 0,
                        (START + number * 1_000L) * 1_000_000 + 123_456,
                        (100L - number % 100) * 1_000_000,
                        all.containsKey("error.type"),
                        "",
                        CallWords.of(role, labels),
                        labels);
        server.store()
                .calls()
                .write(
                        "anonymous",
                        ByteBuffer.allocate(32).putLong(++uploads << 32).array(),
                        List.of(call));
    }

    private void writeSome() {
        write(
                "shop",
                1,
                CallRole.SERVER,
                "http.request.method",
                "GET",
                "http.route",
                "/cart",
                "http.response.status_code",
                "200",
                "network.peer.address",
                "10.0.0.1",
                "thread.name",
                "worker-3");
        write(
                "shop",
                2,
                CallRole.SERVER,
                "http.request.method",
                "POST",
                "http.route",
                "/cart",
                "http.response.status_code",
                "503",
                "error.type",
                "503");
        write(
                "pay",
                3,
                CallRole.CLIENT,
                "db.system.name",
                "mysql",
                "db.operation.name",
                "SELECT",
                "server.address",
                "db");
    }

    private JsonNode get(String more) {
        return server.get("/api/v1/calls" + RANGE + more).json();
    }

    private String names(String more) {
        List<String> names = new ArrayList<>();
        get(more).get("calls").forEach(call -> names.add(call.get("name").asText().substring(5)));
        return String.join(" ", names);
    }

    @Test
    void aCallIsToldWhole() {
        writeSome();
        JsonNode answer = get("&service=shop&method=GET");
        assertThat(answer.get("empty").isNull()).isTrue();
        assertThat(answer.get("next").isNull()).isTrue();
        assertThat(answer.get("calls")).hasSize(1);
        assertThat(answer.get("calls").get(0).toString())
                .isEqualTo(
                        ("{'startMicros':1767225601000123,'durationNanos':99000000,'service':'shop',"
                                        + "'labels':{'pod':'shop-1','service_name':'shop'},"
                                        + "'role':'server','protocol':'http','method':'GET',"
                                        + "'route':'/cart','status':'200','peer':'10.0.0.1',"
                                        + "'failed':false,'message':'','name':'call 1',"
                                        + "'scope':'agent',"
                                        + "'traceId':'00000000000012340000000000000001',"
                                        + "'spanId':'0000000000000001',"
                                        + "'parentSpanId':'000000000000004d','attributes':{"
                                        + "'http.request.method':'GET',"
                                        + "'http.response.status_code':'200','http.route':'/cart',"
                                        + "'network.peer.address':'10.0.0.1',"
                                        + "'thread.name':'worker-3'}}")
                                .replace('\'', '"'));
    }

    @ParameterizedTest
    @CsvSource({
        "'', 3 2 1",
        "&order=slowest, 1 2 3",
        "&service=shop, 2 1",
        "&role=client, 3",
        "&route=/cart&status=5xx, 2",
        "&status=200, 1",
        "&error=true, 2",
        "&minDuration=98ms, 2 1",
        "&minDuration=0.0985s, 1",
        "&traceId=00000000000012340000000000000002, 2",
        "&protocol=mysql&method=SELECT&peer=db, 3",
        "&route=none, ''",
    })
    void everyFilterHolds(String more, String expected) {
        writeSome();
        assertThat(names(more)).isEqualTo(expected);
    }

    @Test
    void labelsAreSelectedAsEverywhere() {
        writeSome();
        assertThat(names("&query=" + encoded("{pod=~\"pay.*\"}"))).isEqualTo("3");
        assertThat(names("&service=shop&query=" + encoded("{k8s.pod.name=\"pay-1\"}"))).isEmpty();
    }

    private static String encoded(String selector) {
        return URLEncoder.encode(selector, StandardCharsets.UTF_8);
    }

    @Test
    void pagesFollowOneAnother() {
        for (int number = 1; number <= 25; number++) {
            write("shop", number, CallRole.SERVER);
        }
        List<Long> starts = new ArrayList<>();
        String cursor = "";
        int pages = 0;
        do {
            JsonNode page = get("&limit=10" + cursor);
            page.get("calls").forEach(call -> starts.add(call.get("startMicros").asLong()));
            cursor = page.get("next").isNull() ? "" : "&cursor=" + page.get("next").asText();
            assertThat(page.get("empty").isNull()).isTrue();
            pages++;
        } while (!cursor.isEmpty());
        assertThat(pages).isEqualTo(3);
        assertThat(starts)
                .hasSize(25)
                .doesNotHaveDuplicates()
                .isSortedAccordingTo((a, b) -> Long.compare(b, a));
    }

    @Test
    void nothingHasAReason() {
        assertThat(reason("")).isEqualTo("no-calls-known");
        write("shop", 3_600, CallRole.SERVER);
        assertThat(reason("")).isEqualTo("no-calls-in-range");
        write("shop", 1, CallRole.SERVER);
        assertThat(reason("&service=pay")).isEqualTo("no-calls-of-service");
        assertThat(reason("&service=shop&error=true")).isEqualTo("no-calls-fulfil");
    }

    private String reason(String more) {
        return get(more).get("empty").get("reason").asText();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "&role=judge",
                "&error=maybe",
                "&order=oldest",
                "&minDuration=5",
                "&minDuration=fast",
                "&traceId=12",
                "&traceId=zz000000000000000000000000000000",
                "&cursor=00",
                "&limit=1001",
                "&limit=0",
            })
    void whatCannotBeReadIsRefused(String more) {
        assertThat(server.get("/api/v1/calls" + RANGE + more).status()).isEqualTo(400);
    }
}
