package io.flarepath.api.query.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.flarepath.api.query.ServedStore;
import io.flarepath.store.metric.Histogram;
import io.flarepath.store.metric.Measure;
import io.flarepath.store.metric.Metric;
import io.flarepath.store.metric.MetricKind;
import io.flarepath.store.metric.MetricPoint;
import io.flarepath.store.profile.Labels;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RequestRoutesTest {
    private static final long START = 1_767_225_600_000L;
    private static final String RANGE = "?from=" + START + "&until=" + (START + 600_000);
    private static final String HTTP = "http.server.request.duration";

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

    private void write(String metric, int second, double seconds, int count, String... labels) {
        Map<String, String> all = new HashMap<>(Map.of("service_name", "shop", "scope", "agent"));
        for (int i = 0; i < labels.length; i += 2) {
            all.put(labels[i], labels[i + 1]);
        }
        Measure one = Histogram.of(seconds, 5);
        Measure sum = one;
        for (int i = 1; i < count; i++) {
            sum = sum.plus(one);
        }
        server.store()
                .metrics()
                .write(
                        "anonymous",
                        ByteBuffer.allocate(32).putLong(++uploads).array(),
                        List.of(
                                new MetricPoint(
                                        new Metric(metric, MetricKind.HISTOGRAM, "s"),
                                        Labels.of(all),
                                        0,
                                        (START + second * 1_000L) * 1_000_000,
                                        false,
                                        sum)));
    }

    private JsonNode get(String more) {
        return server.get("/api/v1/requests" + RANGE + more).json();
    }

    private static String query(String selector) {
        return "&query=" + URLEncoder.encode(selector, StandardCharsets.UTF_8);
    }

    @Test
    void rateErrorsAndPercentilesAreTold() {
        write(HTTP, 5, 0.010, 90);
        write(HTTP, 65, 0.500, 10, "error.type", "500");
        JsonNode answer = get("&points=10");
        assertThat(answer.get("stepMillis").asLong()).isEqualTo(60_000);
        JsonNode all = answer.get("series").get(0);
        assertThat(all.get("count").asLong()).isEqualTo(100);
        assertThat(all.get("errors").asLong()).isEqualTo(10);
        assertThat(all.get("p50").asDouble()).isCloseTo(0.010, within(0.0003));
        assertThat(all.get("p99").asDouble()).isCloseTo(0.500, within(0.011));
        assertThat(all.get("counts").toString()).isEqualTo("[90,10,0,0,0,0,0,0,0,0]");
        assertThat(all.get("errorCounts").toString()).isEqualTo("[0,10,0,0,0,0,0,0,0,0]");
        assertThat(all.get("p99s").get(0).asDouble()).isCloseTo(0.010, within(0.0003));
        assertThat(all.get("p99s").get(2).isNull()).isTrue();
        assertThat(answer.get("empty").isNull()).isTrue();
    }

    @Test
    void routesOfAllProtocolsAreOneList() {
        write(HTTP, 0, 0.1, 3, "http.route", "/cart", "http.request.method", "GET");
        write("rpc.server.call.duration", 0, 0.1, 2, "rpc.method", "Shop/Buy");
        write("http.client.request.duration", 0, 0.1, 7, "server.address", "db");
        JsonNode series = get("&groupBy=route").get("series");
        assertThat(series).hasSize(2);
        assertThat(series.get(0).get("labels").toString())
                .isEqualTo("{\"method\":\"GET\",\"protocol\":\"http\",\"route\":\"/cart\"}");
        assertThat(series.get(1).get("labels").toString())
                .isEqualTo("{\"protocol\":\"rpc\",\"route\":\"Shop/Buy\"}");
        assertThat(get("&role=client&groupBy=peer").get("series").get(0).get("labels").toString())
                .isEqualTo("{\"peer\":\"db\"}");
    }

    @Test
    void twoWhoCountTheSameAreNotAddedUp() {
        write(HTTP, 0, 0.1, 10);
        write(HTTP, 0, 0.1, 9, "scope", "sdk");
        JsonNode answer = get("");
        assertThat(answer.get("scopes").toString()).isEqualTo("[\"agent\"]");
        assertThat(answer.get("series").get(0).get("count").asLong()).isEqualTo(10);
        assertThat(get(query("{scope=\"sdk\"}")).get("series").get(0).get("count").asLong())
                .isEqualTo(9);
    }

    @Test
    void nothingHasAReason() {
        assertThat(reason("")).isEqualTo("no-requests-known");
        write(HTTP, 3_600, 0.1, 1);
        assertThat(reason("")).isEqualTo("no-requests-in-range");
        assertThat(reason(query("{service_name=\"other\"}"))).isEqualTo("no-series");
        assertThat(server.get("/api/v1/requests" + RANGE + "&role=judge").status()).isEqualTo(400);
    }

    private String reason(String more) {
        return get(more).get("empty").get("reason").asText();
    }
}
