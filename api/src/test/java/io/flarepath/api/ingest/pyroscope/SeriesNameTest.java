package io.flarepath.api.ingest.pyroscope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.api.server.ApiError;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SeriesNameTest {
    private static void assertParsed(String text, String app, Map<String, String> labels) {
        assertThat(SeriesName.parse(text)).isEqualTo(new SeriesName(app, labels));
    }

    @Test
    void bracesAreOptional() {
        assertParsed("shop/api-1.cpu", "shop/api-1.cpu", Map.of());
        assertParsed("app{}", "app", Map.of());
        assertParsed(" app { a = b , c=d } ", "app", Map.of("a", "b", "c", "d"));
    }

    @Test
    void valuesAreTakenAsTheyAreUpToCommaOrBrace() {
        assertParsed("app{a=\"x\",b=y=z}", "app", Map.of("a", "\"x\"", "b", "y=z"));
        assertParsed("app{url=http://h:1/é{}", "app", Map.of("url", "http://h:1/é{"));
    }

    @Test
    void pairThatNothingEndsIsLeftOut() {
        assertParsed("app{a=b,c=d", "app", Map.of("a", "b"));
        assertParsed("app{a", "app", Map.of());
        assertParsed("app{a}", "app", Map.of());
    }

    @Test
    void reservedNamesAreDroppedAndNameReplacesTheApplication() {
        assertParsed("app{__name__=other,__session_id__=1,a=b}", "other", Map.of("a", "b"));
    }

    @Test
    void ofEqualLabelsTheLastHolds() {
        assertParsed("app{a=1,a=2}", "app", Map.of("a", "2"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{a=b}",
                "  {",
                "a b",
                "app:cpu",
                "ä",
                "app{=x}",
                "app{a b=c}",
                "app{a-b=c}"
            })
    void illegalNamesAreRefused(String text) {
        assertThatThrownBy(() -> SeriesName.parse(text))
                .isInstanceOfSatisfying(
                        ApiError.class, error -> assertThat(error.status()).isEqualTo(400));
    }
}
