package io.flarepath.agent.requests.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ProcessOwnersTest {
    private final AtomicInteger asked = new AtomicInteger();
    private final ProcessOwners owners =
            new ProcessOwners(pid -> {
                int answer = asked.incrementAndGet();
                return new TreeMap<>(Map.of("service.name", "answer " + answer));
            });

    @Test
    void aProcessThatIsGoneKeepsTheNameThatItHad() throws Exception {
        Process process = new ProcessBuilder("sleep", "60").start();
        int pid = Math.toIntExact(process.pid());
        assertThat(owners.look(pid)).isTrue();
        process.destroyForcibly().waitFor();
        // It is looked at again after a second, when there is nothing to be seen any more.
        Thread.sleep(1_100);
        assertThat(owners.look(pid)).isTrue();
        assertThat(owners.resource(pid)).containsEntry("service.name", "answer 1");
        assertThat(asked).hasValue(1);
    }

    @Test
    void whatWasNeverLookedAtIsNotKnown() {
        assertThat(owners.resource(1)).isNull();
    }
}
