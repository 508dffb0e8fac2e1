package io.flarepath.agent.symbols;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.symbolizer.binary.Executable;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class RequestQueueTest {
    private static SymbolRequest request(String library) throws IOException {
        Path file = Path.of(System.getProperty("java.home"), "lib", library);
        return SymbolRequest.open(Executable.open(file), file, 1, file.toString());
    }

    @Test
    void theMostWantedIsFirstAndElseTheOldest() throws Exception {
        SymbolRequest zip = request("libzip.so");
        SymbolRequest nio = request("libnio.so");
        SymbolRequest net = request("libnet.so");
        try (RequestQueue queue = new RequestQueue(3)) {
            assertThat(queue.offer(zip)).isTrue();
            assertThat(queue.offer(nio)).isTrue();
            assertThat(queue.offer(net)).isTrue();
            queue.wanted(net.executable().identity(), 2);
            queue.wanted("nobody", 9);
            assertThat(queue.take(1)).isSameAs(net);
            assertThat(queue.take(1)).isSameAs(zip);
            assertThat(queue.take(1)).isSameAs(nio);
            assertThat(queue.take(0)).isNull();
            zip.close();
            nio.close();
            net.close();
        }
    }

    @Test
    void whatHasNoRoomIsClosedAndTheRestAtTheEnd() throws Exception {
        SymbolRequest zip = request("libzip.so");
        SymbolRequest nio = request("libnio.so");
        SymbolRequest again = request("libzip.so");
        try (RequestQueue queue = new RequestQueue(1)) {
            assertThat(queue.offer(zip)).isTrue();
            assertThat(queue.offer(nio)).isFalse();
            assertThat(queue.offer(again)).isTrue();
            assertThat(queue.size()).isEqualTo(1);
            assertThat(nio.file().isOpen()).isFalse();
            assertThat(again.file().isOpen()).isFalse();
            assertThat(zip.file().isOpen()).isTrue();
        }
        assertThat(zip.file().isOpen()).isFalse();
    }
}
