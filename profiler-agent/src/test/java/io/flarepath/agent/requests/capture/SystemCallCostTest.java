package io.flarepath.agent.requests.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.bpf.ProgramTime;
import org.junit.jupiter.api.Test;

class SystemCallCostTest {
    @Test
    void eachRunOfAProgramOfSystemCallsCountsWithTheWayToIt() {
        ProgramTime time = new ProgramTime("call_received", 3, 1000);
        assertThat(SystemCallCost.withWay(time).nanos())
                .isEqualTo(1000 + 3 * SystemCallCost.WAY_NANOS);
        assertThat(SystemCallCost.withWay(time).runs()).isEqualTo(3);
    }

    @Test
    void otherProgramsCountForWhatTheyTook() {
        for (String name : new String[] {"call_state", "received", "tls_entered"}) {
            ProgramTime time = new ProgramTime(name, 3, 1000);
            assertThat(SystemCallCost.withWay(time)).isEqualTo(time);
        }
    }
}
