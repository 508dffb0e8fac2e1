package io.flarepath.api.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.AsyncFile;
import io.vertx.core.file.OpenOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.internal.buffer.BufferInternal;
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

    /** What a body is taken for whose length is not known, and a short one. */
    private static final long LEAST_BYTES = 16 << 10;

    private final HttpServerRequest request;
    private final RoutingContext context;
    private final Vertx vertx;
    private final BodyReader.Rules rules;
    private final MemoryBudget.Reservation memory;
    private final MemoryBudget.Reservation disk;
    private final Promise<RequestBody> outcome = Promise.promise();

    /**
     * Outside of the heap: a body outlives a few collections of the young generation, and a load of
     * them would fill the old one.
     */
    private ByteBuf held = Unpooled.EMPTY_BUFFER;

    private BodyTurns.@Nullable Turn turn;
    private boolean begun;
    private long startedNanos;
    private long lastByteNanos;
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
        Context loop = vertx.getOrCreateContext();
        request.pause();
        ReadAhead.stop(request.connection());
        try {
            long announced = announcedBytes();
            checkSize(announced);
            turn =
                    rules.turns()
                            .ask(
                                    Math.clamp(announced, LEAST_BYTES, rules.memoryBytes()),
                                    () -> loop.runOnContext(ignored -> begin()));
        } catch (ApiError refusal) {
            goOn();
            return Future.failedFuture(refusal);
        }
        request.exceptionHandler(gone -> fail(aborted()));
        request.handler(this::chunk);
        request.endHandler(ignored -> complete());
        return outcome.future();
    }

    /** The client is timed from here on: before it could do nothing. */
    private void begin() {
        if (settled) {
            return;
        }
        startedNanos = System.nanoTime();
        lastByteNanos = startedNanos;
        timer = vertx.setPeriodic(TICK_MILLIS, ignored -> checkSpeed());
        begun = true;
        if ("100-continue".equalsIgnoreCase(request.getHeader("Expect"))) {
            context.response().writeContinue();
        }
        goOn();
    }

    private void goOn() {
        ReadAhead.goOn(request.connection());
        request.resume();
    }

    private void giveTurnUp() {
        BodyTurns.Turn had = turn;
        if (had != null) {
            had.giveUp();
        }
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
        makeRoom(chunk.length());
        held.writeBytes(((BufferInternal) chunk).getByteBuf());
        if (held.readableBytes() > rules.memoryBytes() && path == null) {
            spill();
        }
    }

    /** Twice as much whenever it is full: what a client announces it may never send. */
    private void makeRoom(int more) {
        int has = held.capacity();
        if (held.writableBytes() >= more) {
            return;
        }
        int wanted = Math.max(2 * has, held.readableBytes() + more);
        memory.grow(wanted - has);
        if (has == 0) {
            held = PooledByteBufAllocator.DEFAULT.directBuffer(wanted);
        } else {
            held.capacity(wanted);
        }
    }

    private void dropHeld() {
        held.release();
        held = Unpooled.EMPTY_BUFFER;
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
        Buffer begin = Buffer.buffer(ByteBufUtil.getBytes(held));
        dropHeld();
        try {
            disk.grow(begin.length());
        } catch (Overloaded full) {
            fail(full);
            return;
        }
        memory.close();
        opened.write(begin).onFailure(this::fileFailed);
        giveTurnUp();
        request.resume();
    }

    private void fileFailed(Throwable cause) {
        fail(new IOException("a body could not be kept in " + rules.directory(), cause));
    }

    /** One that takes long does not keep the others waiting. */
    private void checkSpeed() {
        giveTurnUp();
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
        giveTurnUp();
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
            giveTurnUp();
            memory.close();
            dropHeld();
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
        if (begun) {
            vertx.cancelTimer(timer);
        }
        return true;
    }
}
