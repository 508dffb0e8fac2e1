package io.flarepath.agent.export;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.flarepath.agent.metrics.MetricRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;

@Tag("fuzz")
class QueueRecoveryFuzz {
    /**
     * Whatever a file holds: the queue opens, gives back what is whole, and is empty afterwards.
     */
    @FuzzTest(maxDuration = "20s")
    void anyFileIsRecovered(byte[] data) throws IOException {
        Path folder = Files.createTempDirectory("fuzz");
        Path segment = folder.resolve("0000000000000001.seg");
        Files.write(segment, data);
        MetricRegistry registry = new MetricRegistry();
        long bytes = 0;
        try (DiskQueue queue = DiskQueue.open(folder, 1 << 20, registry)) {
            assertThat(queue.trouble()).isEmpty();
            DiskQueue.@Nullable Head head = queue.head();
            while (head != null) {
                assertThat(head.items()).isNotNegative();
                bytes += head.body().length;
                queue.delivered();
                head = queue.head();
            }
        }
        assertThat(bytes).isLessThanOrEqualTo(data.length);
        assertThat(segment).doesNotExist();
        Files.delete(folder.resolve("lock"));
        Files.delete(folder);
    }
}
