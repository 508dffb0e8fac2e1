package io.flarepath.api.query.pyroscope;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.flarepath.api.server.ApiError;
import io.flarepath.api.time.Attime;
import io.flarepath.api.time.Instants;
import org.junit.jupiter.api.Tag;

/** Texts of strangers: times are always within bounds, queries are read or refused with 400. */
@Tag("fuzz")
class QueryTextFuzz {

    @FuzzTest
    void timesStayWithinBounds(FuzzedDataProvider data) {
        long now = data.consumeLong(0, Instants.LATEST_MILLIS);
        long millis = Attime.millis(data.consumeRemainingAsString(), now);
        if (millis < 0 || millis > Instants.LATEST_MILLIS) {
            throw new AssertionError("out of bounds: " + millis);
        }
    }

    @FuzzTest
    void queriesAreReadOrRefused(FuzzedDataProvider data) {
        String text = data.consumeRemainingAsString();
        TypedSelector typed;
        try {
            typed = TypedSelector.parse("query", text);
        } catch (ApiError refused) {
            if (refused.status() != 400) {
                throw new AssertionError("refused with " + refused.status(), refused);
            }
            return;
        }
        if (typed.type().name().isEmpty()) {
            throw new AssertionError("a type without a name: " + text);
        }
    }
}
