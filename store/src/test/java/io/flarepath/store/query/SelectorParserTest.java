package io.flarepath.store.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.store.query.Matcher.Operator;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SelectorParserTest {
    @Test
    void readsAllOperatorsWithAndWithoutBraces() {
        String inside = "a=\"1\", b.c!=\"2\",d=~\"x.*\" , e!~\"y\",";
        assertThat(Selector.parse("{" + inside + "}").toString())
                .isEqualTo(Selector.parse(inside).toString());
        assertThat(Selector.parse(inside).matchers())
                .extracting(Matcher::operator)
                .containsExactly(
                        Operator.EQUAL, Operator.NOT_EQUAL, Operator.MATCHES, Operator.NOT_MATCHES);
        assertThat(Selector.parse("").matchers()).isEmpty();
        assertThat(Selector.parse(" { } ").matchers()).isEmpty();
    }

    @Test
    void readsEscapes() {
        assertThat(Selector.parse("{a=\"q\\\"b\\\\n\\n\\t\\r\"}").matchers().getFirst().value())
                .isEqualTo("q\"b\\n\n\t\r");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "{a=1}|a value in double quotes at character 4",
                "{a=\"1\"|\"}\" or \",\" at character 7",
                "{a=\"1|the closing quote of a value at character 6",
                "{=\"1\"}|the name of a label at character 2",
                "{a~\"1\"}|one of = != =~ !~ at character 3",
                "{a=\"1\"}x|the end at character 8",
                "{a=\"\\x\"}|is none of them, at character 7",
            })
    void saysWhatIsExpectedWhere(String text, String message) {
        assertThatThrownBy(() -> Selector.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void refusesARegularExpressionThatCannotBeReadOrNeverEnds() {
        assertThatThrownBy(() -> Selector.parse("{a=~\"(\"}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"a\"");
        Matcher evil = new Matcher("a", Operator.MATCHES, "(.*a){30}");
        assertThatThrownBy(() -> evil.matchesValue("a".repeat(60) + "b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("steps");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whatIsWrittenIsReadBack(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 500; i++) {
            StringBuilder value = new StringBuilder();
            for (int length = random.nextInt(12); length > 0; length--) {
                value.append("ab\"\\\n\t\r{}=,~! ü\uD83D".charAt(random.nextInt(16)));
            }
            String quoted =
                    value.toString()
                            .replace("\\", "\\\\")
                            .replace("\"", "\\\"")
                            .replace("\n", "\\n");
            Selector parsed = Selector.parse("{x.y-z/_1 != \"" + quoted + "\"}");
            assertThat(parsed.matchers().getFirst().value())
                    .as("seed %d", seed)
                    .isEqualTo(value.toString());
        }
    }
}
