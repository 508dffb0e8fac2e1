package io.flarepath.api.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.api.Service;
import io.flarepath.api.contract.Answer;
import io.flarepath.api.contract.CheckedHttp;
import io.flarepath.config.Configuration;
import io.flarepath.config.ConfigurationException;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tokens: for what, for whom, and when the server asks for them. */
class AccessTest {
    private static final String ALL = "token-of-everything";
    private static final String HASHED = "token-kept-as-a-hash";
    private static final String TOKENS =
            """
            # for machines
            ingest         shop  token-to-ingest-shop
            query          shop  token-to-query-shop

            query          *     token-to-query-all
            ingest,query,control * token-of-everything
            query          bank  sha256:HASH
            """
                    .replace("HASH", TokenFile.hash(HASHED));

    @TempDir static Path data;
    private static Service service;
    private static CheckedHttp http;

    @BeforeAll
    static void start() throws Exception {
        service =
                Service.start(configuration("auth.tokens=" + tokens(TOKENS), "multitenancy=true"));
        http = new CheckedHttp(service.url());
        for (String tenant : List.of("shop", "bank")) {
            Answer stored =
                    send(
                            "POST",
                            "/ingest?name=app.cpu&format=folded",
                            bearer(ALL),
                            tenant,
                            "a;b 1");
            assertThat(stored.status()).as(stored.text()).isEqualTo(200);
        }
    }

    @AfterAll
    static void stop() {
        http.close();
        service.close();
    }

    private static Configuration configuration(String... sets) throws ConfigurationException {
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "data=" + data,
                                "listen=127.0.0.1:0",
                                "otlp.grpc.listen=",
                                "otlp.http.listen="));
        all.addAll(List.of(sets));
        return Configuration.load(null, Map.of(), all);
    }

    private static Path tokens(String text) throws IOException {
        Path file = Files.createTempFile(data, "tokens", "");
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file;
    }

    private static String bearer(String token) {
        return "Bearer " + token;
    }

    private static String basic(String user, String password) {
        byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(pair);
    }

    private static Answer send(
            String method, String path, String authorization, String tenant, String body) {
        HttpRequest.Builder request =
                http.request(path)
                        .header("Content-Type", "application/json")
                        .method(method, HttpRequest.BodyPublishers.ofString(body));
        if (!authorization.isEmpty()) {
            request.header("Authorization", authorization);
        }
        if (!tenant.isEmpty()) {
            request.header("X-Scope-OrgID", tenant);
        }
        return http.send(request);
    }

    @ParameterizedTest(name = "{0} {1} {2} {3} → {4}")
    @CsvSource({
        "GET, /ready, '', '', 200",
        "GET, /version, '', '', 200",
        "GET, /metrics, '', '', 401",
        "GET, /, '', '', 401",
        "GET, /, token-to-query-shop, '', 200",
        "GET, /api/v1/services, '', shop, 401",
        "GET, /api/v1/services, no-such-token-at-all, shop, 401",
        "GET, /api/v1/services, token-to-query-shop, shop, 200",
        "GET, /api/v1/services, token-to-query-shop, '', 200",
        "GET, /api/v1/services, token-to-query-shop, bank, 403",
        "GET, /api/v1/services, token-to-query-shop, shop|bank, 403",
        "GET, /api/v1/services, token-to-query-all, shop|bank, 200",
        "GET, /api/v1/services, token-to-query-all, '', 401",
        "GET, /api/v1/services, token-to-ingest-shop, shop, 403",
        "GET, /api/v1/services, token-kept-as-a-hash, bank, 200",
        "POST, /ingest?name=app.cpu&format=folded, '', shop, 401",
        "POST, /ingest?name=app.cpu&format=folded, token-to-query-shop, shop, 403",
        "POST, /ingest?name=app.cpu&format=folded, token-to-ingest-shop, shop, 200",
        "POST, /ingest?name=app.cpu&format=folded, token-to-ingest-shop, '', 200",
        "POST, /ingest?name=app.cpu&format=folded, token-to-ingest-shop, bank, 403",
        "POST, /ingest?name=app.cpu&format=folded, token-of-everything, shop|bank, 400",
        "POST, /querier.v1.QuerierService/ProfileTypes, token-to-ingest-shop, shop, 403",
        "POST, /api/v1/agents/n/recordings, token-to-query-shop, shop, 403",
        "POST, /api/v1/agents/n/recordings, token-to-ingest-shop, shop, 403",
        "POST, /api/v1/agents/n/recordings, token-of-everything, shop, 404",
    })
    void decides(String method, String path, String token, String tenant, int status) {
        String authorization = token.isEmpty() ? "" : bearer(token);
        String body = path.startsWith("/ingest") ? "a;b 1" : "{}";
        Answer answer = send(method, path, authorization, tenant, method.equals("GET") ? "" : body);
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        if (status == 401 && !token.equals("token-to-query-all")) {
            assertThat(answer.header("WWW-Authenticate")).startsWith("Basic realm=");
        }
    }

    @Test
    void takesTheTokenAsPasswordOfAnyUser() {
        for (String user : List.of("", "shop", "123456")) {
            String authorization = basic(user, "token-to-query-shop");
            assertThat(send("GET", "/api/v1/services", authorization, "", "").status())
                    .isEqualTo(200);
        }
        for (String broken : List.of("Basic", "Basic %%%", "Basic YQ==", "Digest x", "Bearer")) {
            assertThat(send("GET", "/api/v1/services", broken, "shop", "").status())
                    .as(broken)
                    .isEqualTo(401);
        }
    }

    @Test
    void severalTenantsAreReadTogether() {
        String path = "/api/v1/flamegraph?from=now-1h&format=collapsed";
        String one = send("GET", path, bearer("token-to-query-all"), "bank", "").text();
        String both = send("GET", path, bearer("token-to-query-all"), "shop|bank", "").text();
        assertThat(value(one)).isEqualTo(10_000_000);
        assertThat(value(both)).isGreaterThanOrEqualTo(20_000_000);
    }

    private static long value(String collapsed) {
        assertThat(collapsed).startsWith("a;b ");
        return Long.parseLong(collapsed.strip().substring("a;b ".length()));
    }

    @Test
    void doesNotStartOpenToOthers() throws Exception {
        Configuration open = configuration("listen=0.0.0.0:0");
        assertThatThrownBy(() -> Service.start(open))
                .isInstanceOf(StartRefused.class)
                .hasMessageContaining("0.0.0.0:0")
                .hasMessageContaining("auth.tokens: FILE")
                .hasMessageContaining("auth: off");
        Configuration otlp = configuration("otlp.grpc.listen=0.0.0.0:0");
        assertThatThrownBy(() -> Service.start(otlp)).isInstanceOf(StartRefused.class);
        Path other = Files.createTempDirectory(data, "other");
        Configuration off = configuration("listen=0.0.0.0:0", "auth=off", "data=" + other);
        try (Service started = Service.start(off);
                CheckedHttp client = new CheckedHttp(started.url())) {
            assertThat(client.get("/api/v1/services").status()).isEqualTo(200);
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    ingest shop | three words
                    ingest shop short | 16 characters
                    eat shop 0123456789abcdef | not for "eat"
                    query shop sha256:12 | 64 hexadecimal digits
                    query a 0123456789abcdef~query b 0123456789abcdef | twice
                    ~ | holds no token
                    """)
    void refusesFilesThatBreakARule(String lines, String why) throws IOException {
        Path file = tokens(lines.replace('~', '\n'));
        assertThatThrownBy(() -> Access.byTokens(file))
                .isInstanceOf(StartRefused.class)
                .hasMessageContaining(why);
    }

    @Test
    void refusesAFileThatEverybodyCanRead() throws IOException {
        Path file = tokens(TOKENS);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> Access.byTokens(file)).hasMessageContaining("chmod o-rwx");
    }
}
