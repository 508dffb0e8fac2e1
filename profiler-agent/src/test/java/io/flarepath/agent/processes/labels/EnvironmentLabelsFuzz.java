package io.flarepath.agent.processes.labels;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.api.Tag;

@Tag("fuzz")
class EnvironmentLabelsFuzz {
    /** Whatever the block holds: it is read within its length, and stays bounded. */
    @FuzzTest(maxDuration = "20s")
    void anyBlockIsRead(byte[] data) {
        EnvironmentLabels whole = EnvironmentLabels.parse(data, data.length);
        EnvironmentLabels half = EnvironmentLabels.parse(data, data.length / 2);
        for (EnvironmentLabels labels : new EnvironmentLabels[] {whole, half}) {
            if (labels.resource().size() > 64 || labels.serviceName().length() > data.length) {
                throw new AssertionError("out of bounds: " + labels);
            }
        }
    }
}
