package io.flarepath.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class QuietHeapTest {
    private static final long MUCH = QuietHeap.WORTH_BYTES;

    @Test
    void isCollectedOnceTheLoadIsOver() {
        try (QuietHeap heap = QuietHeap.watch()) {
            assertThat(heap.isDue(100, 3 * MUCH, 0)).isFalse();
            assertThat(heap.isDue(200, 4 * MUCH, 0)).isFalse();
            assertThat(heap.isDue(200 + QuietHeap.QUIET_COLLECTIONS, 4 * MUCH, 0)).isTrue();
        }
    }

    @Test
    void isLeftAloneWhenThereIsLittleToGain() {
        try (QuietHeap heap = QuietHeap.watch()) {
            assertThat(heap.isDue(0, MUCH - 1, 0)).isFalse();
            assertThat(heap.isDue(0, 5 * MUCH, 5 * MUCH - 1)).isFalse();
            assertThat(heap.isDue(0, 5 * MUCH, 4 * MUCH)).isTrue();
        }
    }

    @Test
    void roomForTheNextLoadIsWhatItWasBefore() {
        List<String> before = freeRatios();
        QuietHeap.collect();
        assertThat(freeRatios()).isEqualTo(before);
    }

    private static List<String> freeRatios() {
        HotSpotDiagnosticMXBean vm =
                ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        return Stream.of("MinHeapFreeRatio", "MaxHeapFreeRatio")
                .map(name -> vm.getVMOption(name).getValue())
                .toList();
    }
}
