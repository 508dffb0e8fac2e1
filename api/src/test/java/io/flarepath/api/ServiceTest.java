package io.flarepath.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.flarepath.api.contract.CheckedHttp;
import io.flarepath.api.ingest.OtlpRequests;
import io.flarepath.config.Configuration;
import io.flarepath.config.ConfigurationException;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole service, by its configuration. */
class ServiceTest {
    @TempDir Path data;

    private static final String TOKEN = "0123456789abcdef0123456789abcdef";

    private final HttpClient client = HttpClient.newHttpClient();

    @Test
    void takesOtlpAtItsOwnAddressAndNothingElseThere() throws Exception {
        int port = freePort();
        try (Service service = Service.start(configuration("otlp.http.listen=127.0.0.1:" + port))) {
            byte[] request =
                    OtlpRequests.golden(System.currentTimeMillis() * 1_000_000)
                            .build()
                            .toByteArray();
            var taken =
                    client.send(
                            HttpRequest.newBuilder(uri(port, "/v1development/profiles"))
                                    .header("Content-Type", "application/x-protobuf")
                                    .POST(HttpRequest.BodyPublishers.ofByteArray(request))
                                    .build(),
                            BodyHandlers.ofByteArray());
            assertThat(CheckedHttp.check(taken).status()).isEqualTo(200);
            assertThat(status(port, "/api/v1/services")).isEqualTo(404);
            assertThat(status(port, "/")).isEqualTo(404);

            var services =
                    client.send(
                            HttpRequest.newBuilder(URI.create(service.url() + "/api/v1/services"))
                                    .build(),
                            BodyHandlers.ofString());
            assertThat(services.body()).contains("\"service\":\"shop\"");
        }
    }

    @Test
    void profilesItselfWhenItIsAskedToWithAToken() throws Exception {
        Path token = Files.writeString(data.resolve("client"), TOKEN + "\n");
        Path tokens = Files.writeString(data.resolve("tokens"), "ingest,query * " + TOKEN + "\n");
        Files.setPosixFilePermissions(tokens, PosixFilePermissions.fromString("rw-------"));
        try (Service service =
                Service.start(
                        configuration(
                                "self-profiling=true",
                                "client.token=" + token,
                                "auth.tokens=" + tokens))) {
            URI services = URI.create(service.url() + "/api/v1/services");
            await().atMost(Duration.ofMinutes(2))
                    .pollInterval(Duration.ofMillis(500))
                    .untilAsserted(() ->
                            assertThat(
                                            client.send(
                                                            HttpRequest.newBuilder(services)
                                                                    .header(
                                                                            "Authorization",
                                                                            "Bearer " + TOKEN)
                                                                    .build(),
                                                            BodyHandlers.ofString())
                                                    .body())
                                    .contains("\"service\":\"flarepath-server\""));
        }
    }

    @Test
    void anAddressThatWasAskedForAndIsTakenIsAnErrorThatNamesItsSetting() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + taken.getLocalPort();
            for (String setting : List.of("listen", "otlp.grpc.listen")) {
                Configuration asked = configuration(setting + "=" + address);
                assertThatThrownBy(() -> Service.start(asked))
                        .as(setting)
                        .isInstanceOf(BindException.class)
                        .hasMessageContaining("cannot listen on " + address)
                        .hasMessageContaining("setting " + setting + " (--set)")
                        .hasMessageContaining("FLAREPATH_");
            }
        }
    }

    /** A Collector on the same machine mostly has it. */
    @Test
    void anUsualOtlpAddressThatIsTakenIsDoneWithout() throws Exception {
        ServerSocket taken = null;
        try {
            taken = new ServerSocket(4317, 1, InetAddress.getLoopbackAddress());
        } catch (BindException e) {
            assertThat(e).as("somebody else has it, which is as good").isNotNull();
        }
        Configuration usual =
                load(List.of("data=" + data, "listen=127.0.0.1:0", "otlp.http.listen="));
        try (Service service = Service.start(usual)) {
            assertThat(status(URI.create(service.url() + "/ready"))).isEqualTo(200);
        } finally {
            if (taken != null) {
                taken.close();
            }
        }
    }

    private Configuration configuration(String... sets) {
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "data=" + data,
                                "listen=127.0.0.1:0",
                                "otlp.grpc.listen=",
                                "otlp.http.listen="));
        all.addAll(List.of(sets));
        return load(all);
    }

    private static Configuration load(List<String> sets) {
        try {
            return Configuration.load(null, Map.of(), sets);
        } catch (ConfigurationException e) {
            throw new AssertionError(e);
        }
    }

    private int status(int port, String path) throws Exception {
        return status(uri(port, path));
    }

    private int status(URI uri) throws Exception {
        return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding())
                .statusCode();
    }

    private static URI uri(int port, String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
