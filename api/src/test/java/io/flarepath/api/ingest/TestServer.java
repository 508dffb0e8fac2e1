package io.flarepath.api.ingest;

import io.flarepath.api.contract.CheckedHttp;
import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.api.server.ApiServer;
import io.flarepath.api.server.BodyReader;
import io.flarepath.api.server.Limits;
import io.flarepath.api.server.ServerOptions;
import io.flarepath.store.ProfileStore;
import io.flarepath.store.profile.Profile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A server on a free port of the loopback, and what tests need to talk to it. */
public final class TestServer implements AutoCloseable {
    /** Waits for nobody. */
    public static final BodyReader.Patience IMPATIENT =
            new BodyReader.Patience(1_500, 1 << 20, 800);

    private final ApiServer server;
    private final Path temporary;
    private final int port;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** Starts a server with all defaults. */
    public TestServer(ProfileStore store) {
        this(store, Limits.DEFAULT, BodyReader.Patience.DEFAULT, false);
    }

    /** Starts a server. */
    public TestServer(
            ProfileStore store, Limits limits, BodyReader.Patience patience, boolean tenants) {
        try {
            temporary = Files.createTempDirectory("flarepath-api-test");
            ServerOptions options =
                    new ServerOptions(
                            "127.0.0.1", 0, tenants, limits, patience, temporary.resolve("bodies"));
            server = new ApiServer(options, store);
            UploadClock clock = new UploadClock(UploadClock::systemNanos, Duration.ofDays(7));
            port =
                    server.start(
                            List.of(services -> IngestRoutes.all(services, limits, clock, clock)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return port;
    }

    public ApiServer server() {
        return server;
    }

    /** Files of large bodies that have not been deleted. */
    public long temporaryFiles() throws IOException {
        try (Stream<Path> files = Files.list(temporary.resolve("bodies"))) {
            return files.count();
        }
    }

    public URI uri(String pathAndQuery) {
        return URI.create("http://127.0.0.1:" + port + pathAndQuery);
    }

    /** The path of an upload under a name. */
    public static String ingest(String name) {
        return "/ingest?name=" + URLEncoder.encode(name, StandardCharsets.UTF_8);
    }

    public HttpResponse<String> post(String path, byte[] body, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri(path))
                        .timeout(Duration.ofSeconds(30))
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        return send(headers.length == 0 ? request : request.headers(headers));
    }

    public HttpResponse<String> get(String path) {
        return send(HttpRequest.newBuilder(uri(path)).timeout(Duration.ofSeconds(30)));
    }

    public HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> answer =
                    client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            CheckedHttp.checkText(answer);
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** A profile's stacks as folded text, root first, with the sum of their values. */
    public static Map<String, Long> folded(Profile profile) {
        Map<String, Long> stacks = new TreeMap<>();
        for (int i = 0; i < profile.stackCount(); i++) {
            List<String> names = new ArrayList<>();
            for (int place = profile.stackStart(i + 1) - 1;
                    place >= profile.stackStart(i);
                    place--) {
                names.add(profile.frames().get(profile.stackFrame(place)).function());
            }
            stacks.merge(String.join(";", names), profile.value(i), Long::sum);
        }
        return stacks;
    }

    @Override
    public void close() {
        client.close();
        server.close();
        try (Stream<Path> files = Files.walk(temporary)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
