package io.flarepath.api.query.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.flarepath.api.contract.Answer;
import io.flarepath.api.query.ServedStore;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmptyStoreTest {
    @TempDir Path directory;

    @Test
    void everyRouteAnswersFromAnEmptyStore() {
        try (ServedStore served = new ServedStore(directory)) {
            for (String path :
                    new String[] {
                        "status",
                        "profile-types",
                        "labels",
                        "labels/pod/values",
                        "services",
                        "pods?service=x",
                        "series",
                        "flamegraph",
                        "diff",
                        "agents"
                    }) {
                Answer answer = served.get("/api/v1/" + path);
                assertThat(answer.status()).as(path + answer.text()).isEqualTo(200);
            }
            JsonNode graph = served.get("/api/v1/flamegraph").json();
            assertThat(graph.at("/empty/reason").textValue()).isEqualTo("store-empty");
            assertThat(graph.get("profilers")).isEmpty();
            assertThat(graph.at("/nodes/total").toString()).isEqualTo("[0]");
            assertThat(served.get("/ready").status()).isEqualTo(200);
            assertThat(served.get("/metrics").status()).isEqualTo(200);
            assertThat(served.get("/version").status()).isEqualTo(200);
        }
    }

    @Test
    void severalTenantsMustBeNamed() {
        try (ServedStore served = new ServedStore(directory, true)) {
            assertThat(served.get("/api/v1/flamegraph").status()).isEqualTo(401);
            assertThat(served.get("/pyroscope/label-values?label=pod").status()).isEqualTo(401);
            assertThat(
                            served.http()
                                    .send(
                                            served.http()
                                                    .request("/api/v1/flamegraph")
                                                    .header("X-Scope-OrgID", "team"))
                                    .status())
                    .isEqualTo(200);
        }
    }
}
