package io.flarepath.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flarepath.bpf.RecordedEvents.Event;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * CPUs that come and go. Takes a CPU away from the machine for a second or two, so it runs only
 * when asked for: {@code -Dtest.jvm.args="… -Dflarepath.test.hotplug=true"}.
 */
@Tag("kernel")
class HotplugTest {
    private static final Path SWITCH = Path.of("/sys/devices/system/cpu/cpu1/online");

    @Test
    void cpusThatComeAndGoAreFollowed() throws Exception {
        assumeTrue(Boolean.getBoolean("flarepath.test.hotplug"), "would take a CPU away");
        assumeTrue(Files.isWritable(SWITCH), "CPU 1 cannot be switched off");
        try (Sampler sampler = Sampler.open(SamplerOptions.at(997))) {
            RecordedEvents events = new RecordedEvents(sampler);
            int all = sampler.statistics().cpus();
            Files.writeString(SWITCH, "0");
            events.until(() -> sampler.statistics().cpus() == all - 1);
            Files.writeString(SWITCH, "1");
            events.until(() -> sampler.statistics().cpus() == all);
            RecordedEvents after = new RecordedEvents(sampler);
            Process busy =
                    new ProcessBuilder("taskset", "-c", "1", "sh", "-c", "while :; do :; done")
                            .start();
            try {
                after.until(() -> after.samplesOf(busy.pid()).size() > 20);
            } finally {
                busy.destroyForcibly().waitFor();
            }
            assertThat(sampler.statistics().hotplugFailures()).isZero();
            assertThat(after.samplesOf(busy.pid())).extracting(Event::comm).contains("sh");
        }
    }

    @AfterEach
    void switchOn() throws IOException {
        if (Boolean.getBoolean("flarepath.test.hotplug") && Files.isWritable(SWITCH)) {
            Files.writeString(SWITCH, "1");
        }
    }
}
