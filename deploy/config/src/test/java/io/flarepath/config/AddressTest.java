package io.flarepath.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class AddressTest {
    @Test
    void isWrittenAsItWasRead() {
        for (String text :
                List.of("127.0.0.1:0", "localhost:65535", "[::1]:80", "[fe80::1%eth0]:1")) {
            assertThat(Address.parse(text).toString()).isEqualTo(text);
        }
    }

    @Test
    void bracketsDoNotBelongToTheHost() {
        assertThat(Address.parse("[::1]:80")).isEqualTo(new Address("::1", 80));
        assertThat(Address.parse("[::1]:80").toSocketAddress().getPort()).isEqualTo(80);
    }
}
