package io.flarepath.agent.samples;

import java.nio.ByteBuffer;
import java.util.function.LongSupplier;

/**
 * Records as the sampler gives them. Says before they are handled when the kernel could not tell of
 * some mappings: what is known of processes may then be of before.
 */
public final class SamplerRecords implements RecordSource {
    private final RecordSource sampler;
    private final LongSupplier mappingEventsLost;
    private final Runnable onLoss;
    private long known;

    /**
     * @param sampler where records come from
     * @param mappingEventsLost that the kernel could not tell of, since the start
     * @param onLoss called when there are more than before, on the thread that drains
     */
    public SamplerRecords(RecordSource sampler, LongSupplier mappingEventsLost, Runnable onLoss) {
        this.sampler = sampler;
        this.mappingEventsLost = mappingEventsLost;
        this.onLoss = onLoss;
    }

    @Override
    public int drain(ByteBuffer direct, int timeoutMillis) {
        int bytes = sampler.drain(direct, timeoutMillis);
        long now = mappingEventsLost.getAsLong();
        if (now != known) {
            known = now;
            onLoss.run();
        }
        return bytes;
    }
}
