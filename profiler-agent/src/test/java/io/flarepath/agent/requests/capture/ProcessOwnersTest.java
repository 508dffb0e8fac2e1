package io.flarepath.agent.requests.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.agent.processes.ProcessOwner;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ProcessOwnersTest {
    private final List<CompletableFuture<ProcessOwner>> asked = new ArrayList<>();
    private final ProcessOwners owners =
            new ProcessOwners(pid -> {
                asked.add(new CompletableFuture<>());
                return asked.getLast();
            });

    private static ProcessOwner owner(String service, boolean seen) {
        return new ProcessOwner(new TreeMap<>(Map.of("service.name", service)), seen);
    }

    @Test
    void whoeverNeedsANameWaitsForTheAnswer() {
        assertThat(owners.look(7)).isTrue();
        assertThat(owners.look(7)).isTrue();
        assertThat(asked).hasSize(1);
        CompletableFuture.delayedExecutor(50, TimeUnit.MILLISECONDS)
                .execute(() -> asked.getFirst().complete(owner("shop", true)));
        assertThat(owners.resource(7)).containsEntry("service.name", "shop");
    }

    @Test
    void aProcessThatIsGoneKeepsTheNameThatItHad() throws Exception {
        owners.look(7);
        asked.getFirst().complete(owner("shop", true));
        // It is asked for again after a second, when there is nothing to be seen any more.
        Thread.sleep(1_100);
        assertThat(owners.look(7)).isTrue();
        assertThat(asked).hasSize(2);
        asked.getLast().complete(owner("unknown", false));
        assertThat(owners.resource(7)).containsEntry("service.name", "shop");
    }

    @Test
    void ofThoseThatAreNotToBeToldOfIsHeardOnce() {
        assertThat(owners.look(7)).isTrue();
        assertThat(owners.takeRefused()).isEmpty();
        asked.getFirst().complete(new ProcessOwner(null, true));
        assertThat(owners.takeRefused()).containsExactly(7);
        assertThat(owners.takeRefused()).isEmpty();
        assertThat(owners.look(7)).isFalse();
        assertThat(owners.resource(7)).isNull();
    }

    @Test
    void aQuestionThatWasCancelledIsAskedAgain() {
        owners.look(7);
        asked.getFirst().cancel(false);
        owners.look(7);
        asked.getLast().complete(owner("shop", true));
        assertThat(asked).hasSize(2);
        assertThat(owners.resource(7)).containsEntry("service.name", "shop");
    }

    @Test
    void whatWasNeverLookedAtIsNotKnown() {
        assertThat(owners.resource(1)).isNull();
    }
}
