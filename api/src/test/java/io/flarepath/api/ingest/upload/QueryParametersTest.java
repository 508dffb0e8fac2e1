package io.flarepath.api.ingest.upload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.api.server.ApiError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QueryParametersTest {
    @Test
    void escapesPlusesAndRawBytesAreDecodedAsUtf8() {
        QueryParameters parameters =
                QueryParameters.parse("name=a%20b+c%C3%A4&empty&last=\u00c3\u00a4&name=second");
        assertThat(parameters.get("name")).isEqualTo("a b cä");
        assertThat(parameters.get("last")).isEqualTo("ä");
        assertThat(parameters.has("empty")).isTrue();
        assertThat(parameters.get("absent")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"name=a%zz", "name=%4", "name=%", "name=%C3%28", "%ff=x"})
    void damagedEscapesAndInvalidUtf8AreRefused(String query) {
        assertThatThrownBy(() -> QueryParameters.parse(query))
                .isInstanceOf(ApiError.class)
                .hasMessageContaining("of the URL");
    }
}
