package io.flarepath.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordedServicesTest {
    private static RecordedServices read(String text) throws ConfigurationException {
        Configuration configuration =
                Configuration.load(null, Map.of(), List.of("recordings.continuous=" + text));
        return configuration.recordedServices(Setting.RECORDINGS_CONTINUOUS);
    }

    @Test
    void theFirstThatMatchesCounts() throws Exception {
        RecordedServices services = read("checkout:allocations,locks, pay-*:cpu ,*:wall");
        assertThat(services.kinds("checkout")).containsExactly("allocations", "locks");
        assertThat(services.kinds("pay-eu")).containsExactly("cpu");
        assertThat(services.kinds("cart")).containsExactly("wall");
    }

    @Test
    void nothingIsRecordedOfOthers() throws Exception {
        assertThat(read("checkout:cpu").kinds("cart")).isEmpty();
        assertThat(read("").isEmpty()).isTrue();
        assertThat(read("checkout:cpu").isEmpty()).isFalse();
    }

    @Test
    void namesMayHaveColons() throws Exception {
        assertThat(read("shop:checkout:live").kinds("shop:checkout")).containsExactly("live");
    }

    @ParameterizedTest
    @ValueSource(strings = {"checkout", "locks", ":cpu", "a:", "a:all", "a:cpu,b", "a:cpu,cpu"})
    void whatIsNoServiceWithKindsIsRefused(String text) {
        assertThatThrownBy(() -> read(text))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("recordings.continuous")
                .hasMessageContaining("write it like checkout:allocations,locks");
    }
}
