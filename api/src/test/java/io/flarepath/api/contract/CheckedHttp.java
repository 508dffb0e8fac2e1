package io.flarepath.api.contract;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Sends requests to the service and lets no answer through that openapi.yaml does not describe. */
public final class CheckedHttp implements AutoCloseable {
    private static final OpenApiContract CONTRACT = OpenApiContract.load();

    private final HttpClient client =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(10))
                    .build();
    private final String base;

    /** A client of the service on a port of this machine. */
    public CheckedHttp(int port) {
        this("http://127.0.0.1:" + port);
    }

    /** A client of the service at an address like {@code http://localhost:4040}. */
    public CheckedHttp(String base) {
        this.base = base;
    }

    /**
     * Checks an answer that another client got.
     *
     * @param body as it came, still compressed when its header says so
     * @throws AssertionError with everything that openapi.yaml does not describe
     */
    public static Answer check(HttpRequest request, HttpResponse<?> response, byte[] body) {
        Answer answer = new Answer(response.statusCode(), response.headers(), body);
        CONTRACT.check(
                request.method(),
                URLDecoder.decode(request.uri().getRawPath(), StandardCharsets.UTF_8),
                parameters(request.uri().getRawQuery()),
                answer);
        return answer;
    }

    /** Checks an answer whose body was read as bytes. */
    public static Answer check(HttpResponse<byte[]> response) {
        return check(response.request(), response, response.body());
    }

    /** Checks an answer whose body was read as text, which was not compressed. */
    public static Answer checkText(HttpResponse<String> response) {
        return check(
                response.request(), response, response.body().getBytes(StandardCharsets.UTF_8));
    }

    /** GET of a path with its query, which must be encoded. */
    public Answer get(String pathAndQuery) {
        return send(request(pathAndQuery).GET());
    }

    /** POST of JSON. */
    public Answer postJson(String path, String json) {
        return send(
                request(path)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(json)));
    }

    /** A request to be completed and given to {@link #send}. */
    public HttpRequest.Builder request(String pathAndQuery) {
        return HttpRequest.newBuilder(URI.create(base + pathAndQuery))
                .timeout(Duration.ofSeconds(60));
    }

    /** Sends a request and checks the answer. */
    public Answer send(HttpRequest.Builder builder) {
        HttpRequest request = builder.build();
        try {
            return check(client.send(request, HttpResponse.BodyHandlers.ofByteArray()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Sends a request whose answer is held back. */
    public CompletableFuture<Answer> sendAsync(HttpRequest.Builder builder) {
        HttpRequest request = builder.build();
        return client.sendAsync(request, HttpResponse.BodyHandlers.ofByteArray())
                .thenApply(CheckedHttp::check);
    }

    private static Set<String> parameters(@org.jspecify.annotations.Nullable String query) {
        Set<String> names = new HashSet<>();
        if (query != null) {
            for (String part : query.split("&", -1)) {
                names.add(part.split("=", 2)[0]);
            }
        }
        return names;
    }

    /** Encodes the value of a parameter. */
    public static String encoded(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        client.close();
    }
}
