package io.flarepath.api.backup;

import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The body of a response, written from a thread that may block: it waits for a client that takes
 * less than it is sent. One thread.
 */
final class ResponseStream extends OutputStream {
    private static final int PIECE = 256 << 10;
    private static final int PIECES_UNDER_WAY = 8;
    private static final long PATIENCE_SECONDS = 60;

    private final Context loop;
    private final HttpServerResponse response;
    private final Semaphore room = new Semaphore(PIECES_UNDER_WAY);
    private final byte[] piece = new byte[PIECE];
    private int used;
    private volatile @Nullable Throwable failure;

    /**
     * A body.
     *
     * @param loop the event loop of the response
     */
    ResponseStream(Context loop, HttpServerResponse response) {
        this.loop = loop;
        this.response = response;
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int at, int length) throws IOException {
        int from = at;
        int left = length;
        while (left > 0) {
            int some = Math.min(left, PIECE - used);
            System.arraycopy(bytes, from, piece, used, some);
            used += some;
            from += some;
            left -= some;
            if (used == PIECE) {
                flush();
            }
        }
    }

    /** Hands over what was written; the client may not have it yet. */
    @Override
    public void flush() throws IOException {
        if (used == 0) {
            return;
        }
        Buffer full = Buffer.buffer(Arrays.copyOf(piece, used));
        used = 0;
        take(1);
        loop.runOnContext(ignored ->
                response.write(full)
                        .onComplete(sent -> {
                            if (sent.failed()) {
                                failure = sent.cause();
                            }
                            room.release();
                        }));
    }

    /** Returns when everything was sent. */
    @Override
    public void close() throws IOException {
        flush();
        take(PIECES_UNDER_WAY);
        room.release(PIECES_UNDER_WAY);
    }

    private void take(int pieces) throws IOException {
        try {
            if (!room.tryAcquire(pieces, PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException(
                        "the client has taken nothing for " + PATIENCE_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the server is stopping");
        }
        Throwable why = failure;
        if (why != null) {
            throw new IOException("the client has gone: " + why.getMessage(), why);
        }
    }
}
