package io.flarepath.api.server;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.AsyncFile;
import io.vertx.core.file.OpenOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reads one body. All of it runs on the event loop of its request. */
final class BodyReading {
    private static final long TICK_MILLIS = 500;

    private final HttpServerRequest request;
    private final RoutingContext context;
    private final Vertx vertx;
    private final BodyReader.Rules rules;
    private final MemoryBudget.Reservation memory;
    private final MemoryBudget.Reservation disk;
    private final Promise<RequestBody> outcome = Promise.promise();
    private final long startedNanos = System.nanoTime();
    private long lastByteNanos = startedNanos;
    private Buffer held = Buffer.buffer();
    private @Nullable Path path;
    private @Nullable AsyncFile file;
    private long received;
    private long timer;
    private boolean settled;

    BodyReading(RoutingContext context, BodyReader.Rules rules) {
        this.context = context;
        this.request = context.request();
        this.vertx = context.vertx();
        this.rules = rules;
        this.memory = rules.memory().open();
        this.disk = rules.disk().open();
    }

    Future<RequestBody> start() {
        try {
            checkSize(announcedBytes());
        } catch (ApiError tooLarge) {
            return Future.failedFuture(tooLarge);
        }
        timer = vertx.setPeriodic(TICK_MILLIS, ignored -> checkSpeed());
        request.exceptionHandler(gone -> fail(aborted()));
        request.handler(this::chunk);
        request.endHandler(ignored -> complete());
        if ("100-continue".equalsIgnoreCase(request.getHeader("Expect"))) {
            context.response().writeContinue();
        }
        return outcome.future();
    }

    private long announcedBytes() {
        String length = request.getHeader("Content-Length");
        try {
            return length == null ? 0 : Long.parseLong(length);
        } catch (NumberFormatException e) {
            throw ApiError.invalid("the header Content-Length is not a number: " + length);
        }
    }

    private void checkSize(long bytes) {
        if (bytes > rules.maxBytes()) {
            throw ApiError.tooLarge(
                    "the body has "
                            + bytes
                            + " bytes or more, the limit is "
                            + rules.maxBytes()
                            + " (setting "
                            + rules.setting()
                            + ")");
        }
    }

    private void chunk(Buffer chunk) {
        if (settled) {
            return;
        }
        received += chunk.length();
        lastByteNanos = System.nanoTime();
        try {
            checkSize(received);
            keep(chunk);
        } catch (ApiError refusal) {
            fail(refusal);
        }
    }

    private void keep(Buffer chunk) {
        AsyncFile open = file;
        if (open != null) {
            disk.grow(chunk.length());
            open.write(chunk).onFailure(this::fileFailed);
            if (open.writeQueueFull()) {
                request.pause();
                open.drainHandler(ignored -> request.resume());
            }
            return;
        }
        memory.grow(chunk.length());
        held.appendBuffer(chunk);
        if (held.length() > rules.memoryBytes() && path == null) {
            spill();
        }
    }

    /** Moves what is held to a file; the client waits meanwhile. */
    private void spill() {
        request.pause();
        Path target = rules.directory().resolve(UUID.randomUUID() + ".body");
        path = target;
        OpenOptions options = new OpenOptions().setCreateNew(true).setRead(false).setWrite(true);
        vertx.fileSystem()
                .open(target.toString(), options.setPerms("rw-------"))
                .onSuccess(this::spillTo)
                .onFailure(this::fileFailed);
    }

    private void spillTo(AsyncFile opened) {
        file = opened;
        if (settled) {
            discardFile();
            return;
        }
        Buffer begin = held;
        held = Buffer.buffer();
        try {
            disk.grow(begin.length());
        } catch (Overloaded full) {
            fail(full);
            return;
        }
        memory.close();
        opened.write(begin).onFailure(this::fileFailed);
        request.resume();
    }

    private void fileFailed(Throwable cause) {
        fail(new IOException("a body could not be kept in " + rules.directory(), cause));
    }

    private void checkSpeed() {
        long now = System.nanoTime();
        long silentMillis = (now - lastByteNanos) / 1_000_000;
        long lastedMillis = (now - startedNanos) / 1_000_000;
        BodyReader.Patience patience = rules.patience();
        if (silentMillis > patience.silenceMillis()) {
            fail(tooSlow("sent nothing for " + silentMillis + " ms", patience.silenceMillis()));
            return;
        }
        long paidMillis = received * 1000 / patience.minimumBytesPerSecond();
        if (lastedMillis > patience.graceMillis() + paidMillis) {
            fail(tooSlow("took " + lastedMillis + " ms for " + received + " bytes", lastedMillis));
        }
    }

    private static ApiError tooSlow(String what, long limitMillis) {
        return new ApiError(
                408,
                "deadline_exceeded",
                "the client " + what + "; the limit is " + limitMillis + " ms");
    }

    private static ApiError aborted() {
        return new ApiError(408, "canceled", "the client went away before the body had come in");
    }

    private void complete() {
        if (settled) {
            return;
        }
        AsyncFile open = file;
        if (open == null) {
            succeed();
        } else {
            open.close().onSuccess(ignored -> succeed()).onFailure(this::fileFailed);
        }
    }

    private void succeed() {
        if (settle()) {
            outcome.complete(new RequestBody(received, held, path, this::release));
        }
    }

    private void release() {
        memory.close();
        disk.close();
        if (path != null) {
            try {
                Files.deleteIfExists(path);
            } catch (IOException e) {
                throw new UncheckedIOException("a temporary file cannot be deleted", e);
            }
        }
    }

    private void fail(Throwable refusal) {
        if (settle()) {
            memory.close();
            held = Buffer.buffer();
            discardFile();
            outcome.fail(refusal);
        }
    }

    private void discardFile() {
        AsyncFile open = file;
        if (open != null) {
            file = null;
            disk.close();
            open.close()
                    .eventually(() -> vertx.fileSystem().delete(String.valueOf(path)))
                    .onFailure(gone -> {});
        }
    }

    private boolean settle() {
        if (settled) {
            return false;
        }
        settled = true;
        vertx.cancelTimer(timer);
        return true;
    }
}
