package io.flarepath.api.query.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.api.contract.Answer;
import io.flarepath.api.query.ServedStore;
import io.flarepath.store.SettingStore;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Drilldown keeps of its own. */
class SettingsTest {
    @TempDir Path directory;

    private static Answer call(ServedStore served, String tenant, String method, String body) {
        return served.http()
                .send(
                        served.http()
                                .request("/settings.v1.SettingsService/" + method)
                                .header("Content-Type", "application/json")
                                .header("X-Scope-OrgID", tenant)
                                .POST(BodyPublishers.ofString(body.replace('\'', '"'))));
    }

    private static void set(ServedStore served, String tenant, String name, String value) {
        Answer answer =
                call(
                        served,
                        tenant,
                        "Set",
                        "{'setting':{'name':'" + name + "','value':'" + value + "'}}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.json().at("/setting/value").textValue()).isEqualTo(value);
        assertThat(answer.json().at("/setting/modifiedAt").asLong()).isPositive();
    }

    @Test
    void theyAreKeptByTenantOverARestartUntilTheyAreDeleted() {
        try (ServedStore served = new ServedStore(directory, true)) {
            set(served, "team", "pluginSettings", "{}");
            set(served, "team", "other", "x");
            set(served, "team", "pluginSettings", "{maxNodes}");
            // Its name is the other's with the first letter of a setting behind.
            set(served, "teamo", "ther", "y");
        }
        try (ServedStore served = new ServedStore(directory, true)) {
            Answer all = call(served, "team", "Get", "{}");
            assertThat(all.json().findValuesAsText("name"))
                    .containsExactly("other", "pluginSettings");
            assertThat(all.json().findValuesAsText("value")).containsExactly("x", "{maxNodes}");
            assertThat(call(served, "team", "Delete", "{'name':'other'}").text()).isEqualTo("{}");
            assertThat(call(served, "team", "Delete", "{'name':'other'}").status()).isEqualTo(200);
            assertThat(call(served, "team", "Get", "{}").json().findValuesAsText("name"))
                    .containsExactly("pluginSettings");
            assertThat(call(served, "teamo", "Get", "{}").json().findValuesAsText("value"))
                    .containsExactly("y");
            assertThat(call(served, "nobody", "Get", "{}").text()).isEqualTo("{}");
        }
    }

    @Test
    void theyAreBounded() {
        try (ServedStore served = new ServedStore(directory, true)) {
            for (int i = 0; i < SettingStore.MOST; i++) {
                served.store()
                        .settings()
                        .put("team", new SettingStore.Setting("s" + i, "v", 1_700_000_000_000L));
            }
            set(served, "team", "s7", "new");
            assertThat(call(served, "team", "Set", "{'setting':{'name':'one more'}}").status())
                    .isEqualTo(429);
            String large = "x".repeat(SettingStore.VALUE_BYTES + 1);
            for (String bad :
                    new String[] {
                        "{}",
                        "{'setting':{'value':'x'}}",
                        "{'setting':{'name':'" + "n".repeat(SettingStore.NAME_BYTES + 1) + "'}}",
                        "{'setting':{'name':'s7','value':'" + large + "'}}"
                    }) {
                assertThat(call(served, "team", "Set", bad).status()).isEqualTo(400);
            }
            assertThat(call(served, "a|b", "Get", "{}").status()).isEqualTo(400);
            assertThat(call(served, "a|b", "Set", "{'setting':{'name':'s'}}").status())
                    .isEqualTo(400);
        }
    }

    /** One that is kept and gives no metric would be believed to work. */
    @Test
    void recordingRulesAreRefusedWithTheReason() {
        try (ServedStore served = new ServedStore(directory)) {
            for (String method : new String[] {"Get", "Upsert", "Delete"}) {
                Answer answer =
                        served.http()
                                .postJson(
                                        "/settings.v1.RecordingRulesService/"
                                                + method
                                                + "RecordingRule",
                                        "{\"id\":\"abc\",\"metricName\":\"profiles_recorded_x\"}");
                assertThat(answer.status()).isEqualTo(501);
                assertThat(answer.json().path("code").textValue()).isEqualTo("unimplemented");
                assertThat(answer.text()).contains("not evaluated").contains("SelectSeries");
            }
        }
    }
}
