package io.flarepath.agent.samples;

import java.nio.ByteBuffer;

/** Where records come from: {@link io.flarepath.bpf.Sampler#drain}. */
@FunctionalInterface
public interface RecordSource {
    /**
     * Waits for records and copies whole ones.
     *
     * @param direct where to
     * @param timeoutMillis how long to wait at most
     * @return how many bytes; possibly 0
     */
    int drain(ByteBuffer direct, int timeoutMillis);
}
