package io.flarepath.agent.export;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;

/** Posts to the server, with every wait and every answer bounded. Shared by all that talk to it. */
public final class HttpPost implements AutoCloseable {
    private final HttpClient client;
    private final Map<String, String> headers;

    /**
     * Makes a client.
     *
     * @param headers what is sent with each request
     */
    public HttpPost(Map<String, String> headers) {
        this(headers, Optional.empty());
    }

    /**
     * Makes a client that speaks TLS in a way of its own.
     *
     * @param headers what is sent with each request
     * @param tls whom it trusts and which certificate it shows; the JVM's own when empty
     */
    public HttpPost(Map<String, String> headers, Optional<SSLContext> tls) {
        this.headers = Map.copyOf(headers);
        HttpClient.Builder builder =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(Duration.ofSeconds(5))
                        .followRedirects(HttpClient.Redirect.NEVER);
        tls.ifPresent(builder::sslContext);
        client = builder.build();
    }

    /**
     * What the server said.
     *
     * @param status HTTP status
     * @param retryAfter value of that header, if there is one
     * @param body its first bytes, as many as were asked for
     */
    public record Answer(int status, Optional<String> retryAfter, byte[] body) {}

    /**
     * Sends a request and waits for the whole answer.
     *
     * @param more headers for this request alone
     * @param timeout for all of it
     * @param longest how many bytes of the answer are kept
     * @throws IOException if there is no answer in time
     */
    public Answer send(
            URI uri, Map<String, String> more, byte[] body, Duration timeout, int longest)
            throws IOException, InterruptedException {
        HttpRequest.Builder builder =
                HttpRequest.newBuilder(uri).POST(BodyPublishers.ofByteArray(body));
        headers.forEach(builder::setHeader);
        more.forEach(builder::setHeader);
        CompletableFuture<HttpResponse<byte[]>> future =
                client.sendAsync(builder.build(), info -> new FirstBytes(longest));
        try {
            HttpResponse<byte[]> response = future.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            return new Answer(
                    response.statusCode(),
                    response.headers().firstValue("retry-after"),
                    response.body());
        } catch (TimeoutException e) {
            throw new InterruptedIOException("no answer within " + timeout.toMillis() + " ms");
        } catch (ExecutionException e) {
            throw new IOException(reason(e), e);
        } finally {
            future.cancel(true);
        }
    }

    /** The innermost exception says it best, but one of a refused connection says nothing. */
    private static String reason(Throwable error) {
        Throwable deepest = error;
        for (Throwable next = error; next != null; next = next.getCause()) {
            deepest = next;
        }
        if (deepest instanceof ClosedChannelException || deepest instanceof ConnectException) {
            return "cannot connect";
        }
        String message = deepest.getMessage();
        return message == null ? deepest.getClass().getSimpleName() : message;
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
