package io.flarepath.api.ingest.pyroscope;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.flarepath.api.ingest.upload.LabelRules;
import io.flarepath.api.ingest.upload.QueryParameters;
import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.Limits;
import io.flarepath.api.time.Attime;
import io.flarepath.store.profile.Labels;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;

@Tag("fuzz")
class NameFuzz {
    private static final LabelRules RULES = new LabelRules(Limits.DEFAULT);

    @FuzzTest
    void anyNameIsTakenWithCleanLabelsOrRefused(byte[] bytes) {
        String query = new String(bytes, StandardCharsets.ISO_8859_1);
        try {
            QueryParameters parameters = QueryParameters.parse(query);
            Attime.nanos(parameters.get("from"), 0);
            Labels labels = RULES.check(SeriesName.parse(parameters.get("name")).labels());
            labels.asMap()
                    .forEach((name, value) -> {
                        if ((name + value).chars().anyMatch(Character::isISOControl)) {
                            throw new AssertionError("a control character was let in");
                        }
                    });
        } catch (ApiError refused) {
            if (refused.status() != 400) {
                throw new AssertionError("refused as " + refused.status(), refused);
            }
        }
    }
}
