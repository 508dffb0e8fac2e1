package io.flarepath.store;

import io.flarepath.store.call.Call;
import io.flarepath.store.call.CallBlock;
import io.flarepath.store.call.CallKey;
import io.flarepath.store.call.CallOrder;
import io.flarepath.store.encoding.ByteReader;
import io.flarepath.store.encoding.ZstdPool;
import io.flarepath.store.engine.Batch;
import io.flarepath.store.engine.Engine;
import io.flarepath.store.engine.Family;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The way in of calls: those of an upload become one batch, a block for each service and window.
 */
final class CallWriter {
    /** The order within blocks: the opposite of newest first. */
    static final Comparator<Call> OLDEST =
            Comparator.comparing(Call::place, CallOrder.NEWEST.places().reversed());

    private final Engine engine;
    private final Uploads uploads;
    private final ZstdPool zstd;
    private final CallSizes sizes;

    CallWriter(Engine engine, Uploads uploads, ZstdPool zstd, CallSizes sizes) {
        this.engine = engine;
        this.uploads = uploads;
        this.zstd = zstd;
        this.sizes = sizes;
    }

    /** Whose calls go into one block. */
    private record Place(int window, String service) {}

    WriteResult write(int tenant, byte[] upload, List<Call> calls) {
        if (calls.isEmpty()) {
            return new WriteResult(0, 0);
        }
        long start = calls.stream().mapToLong(Call::startNanos).min().orElseThrow();
        Map<Place, List<Call>> places = new HashMap<>();
        for (Call call : calls) {
            places.computeIfAbsent(
                            new Place(call.window(), call.service()), place -> new ArrayList<>())
                    .add(call);
        }
        Batch batch = new Batch();
        Map<Integer, Long> bytes = new HashMap<>();
        long part = new ByteReader(upload, 0, upload.length).u64();
        for (Map.Entry<Place, List<Call>> entry : places.entrySet()) {
            entry.getValue().sort(OLDEST);
            for (List<Call> block : CallBlock.cut(entry.getValue())) {
                int window = entry.getKey().window();
                CallKey key =
                        new CallKey(
                                window, tenant, CallKey.service(entry.getKey().service()), part++);
                byte[] value = CallBlock.encode(block, zstd).block();
                batch.put(Family.CALL_PARTS, key.toBytes(), value);
                bytes.merge(window, (long) value.length, Long::sum);
            }
        }
        synchronized (this) {
            if (uploads.contains(Uploads.Kind.CALLS, tenant, start, upload)) {
                return new WriteResult(0, calls.size());
            }
            uploads.stage(batch, Uploads.Kind.CALLS, tenant, start, upload);
            engine.write(batch);
        }
        bytes.forEach(sizes::add);
        return new WriteResult(calls.size(), 0);
    }
}
