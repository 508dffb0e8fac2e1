package io.flarepath.store.encoding;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * A few zstd contexts that are used again: to make one costs more than to pack a profile. Its
 * native memory is freed by {@link #close()}.
 */
public final class ZstdPool implements AutoCloseable {
    private static final int KEPT = 4;
    private static final int LEVEL = 3;

    private final Queue<ZstdCompressCtx> compressors = new ArrayBlockingQueue<>(KEPT);
    private final Queue<ZstdDecompressCtx> decompressors = new ArrayBlockingQueue<>(KEPT);
    private volatile boolean closed;

    /** Packs the first bytes of an array into one frame. */
    public byte[] compress(byte[] raw, int length) {
        ZstdCompressCtx context = compressors.poll();
        if (context == null) {
            context = new ZstdCompressCtx();
            context.setLevel(LEVEL);
        }
        try {
            byte[] packed = new byte[(int) Zstd.compressBound(length)];
            int size = context.compressByteArray(packed, 0, packed.length, raw, 0, length);
            return Arrays.copyOf(packed, size);
        } finally {
            giveBack(compressors, context);
        }
    }

    /**
     * Unpacks a frame.
     *
     * @throws ZstdException when it is not one, or longer than {@code rawLength}
     */
    byte[] decompress(byte[] packed, int offset, int length, int rawLength) {
        ZstdDecompressCtx context = decompressors.poll();
        if (context == null) {
            context = new ZstdDecompressCtx();
        }
        try {
            byte[] raw = new byte[rawLength];
            int size = context.decompressByteArray(raw, 0, rawLength, packed, offset, length);
            if (size != rawLength) {
                throw new CorruptValueException(
                        "a body of " + size + " bytes where " + rawLength + " belong");
            }
            return raw;
        } finally {
            giveBack(decompressors, context);
        }
    }

    private <T extends AutoCloseable> void giveBack(Queue<T> pool, T context) {
        if (closed || !pool.offer(context)) {
            closeQuietly(context);
        }
    }

    private static void closeQuietly(@Nullable AutoCloseable context) {
        try {
            if (context != null) {
                context.close();
            }
        } catch (Exception e) {
            throw new IllegalStateException("a zstd context does not close", e);
        }
    }

    @Override
    public void close() {
        closed = true;
        while (!compressors.isEmpty()) {
            closeQuietly(compressors.poll());
        }
        while (!decompressors.isEmpty()) {
            closeQuietly(decompressors.poll());
        }
    }
}
