package io.flarepath.agent.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.config.Address;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class MetricsServerTest {
    private static final Address ANY = new Address("127.0.0.1", 0);

    private final MetricRegistry registry = new MetricRegistry();

    @Test
    void answersMetricsAndReadinessOnly() throws Exception {
        registry.counter("a_total", "A.").add(5);
        AtomicReference<String> unready = new AtomicReference<>("still loading");
        try (MetricsServer server = MetricsServer.start(ANY, "default", registry, unready::get);
                HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> metrics = ask(client, server, "GET", "/metrics");
            assertThat(metrics.statusCode()).isEqualTo(200);
            assertThat(metrics.body()).contains("flarepath_agent_a_total 5\n");
            assertThat(metrics.headers().firstValue("content-type"))
                    .hasValue("text/plain; version=0.0.4; charset=utf-8");
            assertThat(ask(client, server, "GET", "/ready").statusCode()).isEqualTo(503);
            assertThat(ask(client, server, "GET", "/ready").body()).isEqualTo("still loading\n");
            unready.set("");
            assertThat(ask(client, server, "GET", "/ready").statusCode()).isEqualTo(200);
            assertThat(ask(client, server, "POST", "/metrics").statusCode()).isEqualTo(405);
            assertThat(ask(client, server, "HEAD", "/metrics").statusCode()).isEqualTo(405);
            assertThat(ask(client, server, "GET", "/metrics/x").statusCode()).isEqualTo(404);
            assertThat(ask(client, server, "GET", "/").statusCode()).isEqualTo(404);
        }
    }

    @Test
    void aPortInUseNamesTheSettingAndItsSource() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, ANY.toSocketAddress().getAddress())) {
            Address address = new Address("127.0.0.1", taken.getLocalPort());
            assertThatThrownBy(() -> MetricsServer.start(address, "--set", registry, () -> ""))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("metrics.listen (--set): cannot listen on " + address)
                    .hasMessageContaining("choose another port");
        }
    }

    private static HttpResponse<String> ask(
            HttpClient client, MetricsServer server, String method, String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + server.port() + path);
        HttpRequest request =
                HttpRequest.newBuilder(uri).method(method, BodyPublishers.noBody()).build();
        return client.send(request, BodyHandlers.ofString());
    }
}
