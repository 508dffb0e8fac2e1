package io.flarepath.agent.requests.kafka;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Of which kind the open requests are, by their correlation ids. */
final class KafkaSession {
    private static final int MOST_KEPT = 1024;

    private final LinkedHashMap<Integer, Kind> kinds = new LinkedHashMap<>();

    /** What the answer is to. */
    record Kind(int key, int version) {}

    void asked(int correlation, int key, int version) {
        kinds.put(correlation, new Kind(key, version));
        Map.Entry<Integer, Kind> eldest = kinds.firstEntry();
        if (kinds.size() > MOST_KEPT && eldest != null) {
            kinds.remove(eldest.getKey());
        }
    }

    @Nullable Kind take(int correlation) {
        return kinds.remove(correlation);
    }

    @Nullable Kind find(int correlation) {
        return kinds.get(correlation);
    }
}
