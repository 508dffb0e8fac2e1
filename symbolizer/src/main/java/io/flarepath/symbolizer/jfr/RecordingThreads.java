package io.flarepath.symbolizer.jfr;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/** The different threads of a recording. */
final class RecordingThreads {
    private final LongConsumer memory;
    private final List<RecordedThread> threads = new ArrayList<>();
    private final Map<RecordedThread, Integer> numbers = new HashMap<>();

    RecordingThreads(LongConsumer memory) {
        this.memory = memory;
    }

    int number(RecordedThread thread) {
        Integer known = numbers.get(thread);
        if (known != null) {
            return known;
        }
        memory.accept(150 + 2L * thread.name().length());
        numbers.put(thread, threads.size());
        threads.add(thread);
        return threads.size() - 1;
    }

    List<RecordedThread> all() {
        return Collections.unmodifiableList(threads);
    }
}
