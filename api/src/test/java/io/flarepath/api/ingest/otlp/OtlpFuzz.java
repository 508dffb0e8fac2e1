package io.flarepath.api.ingest.otlp;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.Limits;
import io.flarepath.api.server.MemoryBudget;
import io.flarepath.store.call.Call;
import io.flarepath.store.encoding.ZstdPool;
import io.flarepath.store.metric.Measure;
import io.flarepath.store.metric.MeasureSlots;
import io.flarepath.store.metric.MetricPoint;
import io.flarepath.store.profile.Profile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;

@Tag("fuzz")
class OtlpFuzz {
    private static final MemoryBudget BUDGET = new MemoryBudget("uploads", 64 << 20);
    private static final UploadClock CLOCK =
            new UploadClock(() -> 1_800_000_000_000_000_000L, Duration.ofDays(36_500));
    private static final OtlpDecoder DECODER = new OtlpDecoder(Limits.DEFAULT, CLOCK);
    private static final TracesDecoder TRACES = new TracesDecoder(Limits.DEFAULT, CLOCK);

    private static final MetricsDecoder METRICS = new MetricsDecoder(Limits.DEFAULT, CLOCK);
    private static final ZstdPool ZSTD = new ZstdPool();

    /**
     * The first byte chooses the encoding; the same bytes are tried as profiles, traces and
     * metrics.
     */
    @FuzzTest
    void anyBytesAreDecodedOrRefused(byte[] bytes) {
        boolean json = bytes.length > 0 && bytes[0] == '{';
        OtlpMessages.Source source = () -> new ByteArrayInputStream(bytes);
        try (UploadMemory memory = new UploadMemory(BUDGET)) {
            var decoded = json ? DECODER.json(source, memory) : DECODER.protobuf(source, memory);
            for (Profile profile : decoded.profiles()) {
                if (profile.total() <= 0 || profile.labels().get("profiler") == null) {
                    throw new AssertionError("a profile without value or profiler");
                }
            }
        } catch (ApiError | IOException refused) {
            if (refused.getMessage() == null || refused.getMessage().isEmpty()) {
                throw new AssertionError("refused without a reason", refused);
            }
        }
        try (UploadMemory memory = new UploadMemory(BUDGET)) {
            for (Call call : TRACES.decode(source, json, memory).calls()) {
                if (call.service().isEmpty() || call.spanId() == 0) {
                    throw new AssertionError("a call without service or id");
                }
            }
        } catch (ApiError | IOException refused) {
            if (refused.getMessage() == null || refused.getMessage().isEmpty()) {
                throw new AssertionError("refused without a reason", refused);
            }
        }
        try (UploadMemory memory = new UploadMemory(BUDGET)) {
            for (MetricPoint point : METRICS.decode(source, json, memory).points()) {
                if (point.timeNanos() <= 0 || point.labels().get("service_name") == null) {
                    throw new AssertionError("a point without time or service: " + point);
                }
                Measure twice = point.measure().plus(point.measure());
                SortedMap<Integer, Measure> slot = new TreeMap<>(Map.of(0, twice));
                if (!MeasureSlots.decode(MeasureSlots.encode(slot, ZSTD), ZSTD).equals(slot)) {
                    throw new AssertionError("not stored as it is: " + twice);
                }
            }
        } catch (ApiError | IOException refused) {
            if (refused.getMessage() == null || refused.getMessage().isEmpty()) {
                throw new AssertionError("refused without a reason", refused);
            }
        }
        if (BUDGET.reserved() != 0) {
            throw new AssertionError("memory was not given back: " + BUDGET.reserved());
        }
    }
}
