package io.flarepath.api.assets;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.api.contract.Answer;
import io.flarepath.api.contract.CheckedHttp;
import io.flarepath.api.server.BlockingCalls;
import io.flarepath.api.server.Failures;
import io.flarepath.api.server.JsonAnswer;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AssetRoutesTest {
    private static final String SCRIPT = "export const a = 1;\n".repeat(50);

    @TempDir static Path directory;
    private static Vertx vertx;
    private static BlockingCalls calls;
    private static URLClassLoader classes;
    private static CheckedHttp http;

    @BeforeAll
    static void serve() throws Exception {
        Path page = Files.createDirectories(directory.resolve("META-INF/flarepath-ui/assets"));
        Files.writeString(page.resolveSibling("index.html"), "<!doctype html><title>x</title>");
        Files.writeString(page.resolveSibling("flarepath.svg"), "<svg/>");
        Files.writeString(page.resolveSibling("secret.key"), "no");
        Files.writeString(directory.resolve("outside.txt"), "no");
        Files.writeString(page.resolve("index-Ab3_x9Zk.js"), SCRIPT);
        Files.write(
                page.resolve("index-Ab3_x9Zk.js.gz"),
                JsonAnswer.compress(SCRIPT.getBytes(StandardCharsets.UTF_8)));
        try (InputStream in =
                AssetRoutes.class.getClassLoader().getResourceAsStream("openapi.yaml")) {
            assertThat(in).isNotNull();
            Files.write(directory.resolve("openapi.yaml"), in.readAllBytes());
        }
        classes = new URLClassLoader(new URL[] {directory.toUri().toURL()}, null);
        vertx = Vertx.vertx();
        calls = new BlockingCalls(vertx, "query", 2, 16);
        Router router = Router.router(vertx);
        Failures.install(router);
        router.post("/ingest").handler(context -> context.response().end());
        new AssetRoutes(calls, classes).mount(router);
        HttpServer server = vertx.createHttpServer().requestHandler(router);
        int port =
                server.listen(0, "127.0.0.1")
                        .toCompletionStage()
                        .toCompletableFuture()
                        .get(10, TimeUnit.SECONDS)
                        .actualPort();
        http = new CheckedHttp(port);
    }

    @AfterAll
    static void stop() throws IOException {
        http.close();
        calls.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
        classes.close();
    }

    @Test
    void servesTheIndexAtThePagesRoutes() {
        for (String path : new String[] {"/", "/explore", "/compare", "/index.html"}) {
            Answer answer = http.get(path);
            assertThat(answer.status()).as(path).isEqualTo(200);
            assertThat(answer.text()).startsWith("<!doctype html>");
            assertThat(answer.header("Content-Type")).isEqualTo("text/html; charset=utf-8");
            assertThat(answer.header("Cache-Control")).isEqualTo("no-cache");
            assertThat(answer.header("Content-Security-Policy")).startsWith("default-src 'self'");
            assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
            assertThat(answer.header("Referrer-Policy")).isNotEmpty();
        }
    }

    @Test
    void servesHashedFilesForever() {
        Answer plain = http.get("/assets/index-Ab3_x9Zk.js");
        assertThat(plain.text()).isEqualTo(SCRIPT);
        assertThat(plain.header("Content-Type")).isEqualTo("text/javascript; charset=utf-8");
        assertThat(plain.header("Cache-Control")).contains("immutable");
        assertThat(plain.header("Vary")).isEqualTo("Accept-Encoding");
        Answer gzip =
                http.send(
                        http.request("/assets/index-Ab3_x9Zk.js")
                                .header("Accept-Encoding", "gzip"));
        assertThat(gzip.header("Content-Encoding")).isEqualTo("gzip");
        assertThat(gzip.text()).isEqualTo(SCRIPT);
        assertThat(gzip.raw().length).isLessThan(SCRIPT.length());
        assertThat(http.get("/flarepath.svg").header("Content-Type")).isEqualTo("image/svg+xml");
        assertThat(http.get("/flarepath.svg").header("Cache-Control")).isEqualTo("no-cache");
    }

    @Test
    void answersHeadWithoutABody() {
        Answer answer =
                http.send(http.request("/").method("HEAD", HttpRequest.BodyPublishers.noBody()));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.raw()).isEmpty();
        assertThat(answer.header("Content-Length")).isEqualTo("31");
    }

    @Test
    void servesNothingElse() {
        for (String path :
                new String[] {
                    "/absent.js",
                    "/secret.key",
                    "/outside.txt",
                    "/assets",
                    "/assets/",
                    "/assets/..%2findex.html",
                    "/assets/%2e%2e/outside.txt",
                    "/..%2f..%2foutside.txt",
                    "/../../outside.txt",
                    "/%2e%2e%2foutside.txt",
                    "/assets/%00.js",
                    "/assets/index-Ab3_x9Zk.js.gz",
                    "/.hidden.js"
                }) {
            assertThat(http.get(path).status()).as(path).isEqualTo(404);
        }
    }

    @Test
    void whatIsUnderApiIsNeverTheIndex() {
        for (String path : new String[] {"/api", "/api/", "/api/v1", "/api/v1/x", "/api/x.js"}) {
            Answer answer = http.get(path);
            assertThat(answer.status()).as(path).isEqualTo(404);
            assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        }
    }

    @Test
    void leavesThePathsOfOthersAlone() {
        assertThat(http.get("/ingest").status()).isEqualTo(405);
        assertThat(http.get("/nothing").status()).isEqualTo(404);
    }

    @Test
    void servesTheDescription() {
        Answer answer = http.get("/api/v1/openapi.yaml");
        assertThat(answer.header("Content-Type")).isEqualTo("application/yaml");
        assertThat(answer.text()).startsWith("openapi: 3.0.3");
    }
}
