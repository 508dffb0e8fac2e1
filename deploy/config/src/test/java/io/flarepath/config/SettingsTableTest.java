package io.flarepath.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SettingsTableTest {
    private static final Path PAGE = Path.of("../../docs/configuration.md");
    private static final String BEGIN = "<!-- settings: written by SettingsTableTest -->\n";
    private static final String END = "<!-- end of settings -->\n";

    /** With -Dupdate.docs=true the page is rewritten instead. */
    @Test
    void thePageListsExactlyTheCatalogue() throws Exception {
        String page = Files.readString(PAGE);
        int begin = page.indexOf(BEGIN) + BEGIN.length();
        int end = page.indexOf(END);
        assertThat(end).as("markers in " + PAGE).isGreaterThanOrEqualTo(begin);
        if (Boolean.getBoolean("update.docs")) {
            String table = SettingsTable.markdown();
            Files.writeString(PAGE, page.substring(0, begin) + table + page.substring(end));
            return;
        }
        assertThat(page.substring(begin, end))
                .as("run this test with -Dupdate.docs=true to rewrite the table")
                .isEqualTo(SettingsTable.markdown());
    }

    @Test
    void keysAndVariablesAreDistinctAndSentencesAreSentences() {
        Set<String> variables = new HashSet<>();
        for (Setting setting : Setting.values()) {
            assertThat(variables.add(setting.variable())).as(setting.variable()).isTrue();
            assertThat(setting.variable()).matches("FLAREPATH_[A-Z_]+");
            assertThat(setting.sentence()).endsWith(".").doesNotContain("|");
        }
    }
}
