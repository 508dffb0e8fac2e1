package io.flarepath.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArgumentsTest {
    @TempDir Path folder;

    @Test
    void bothFormsOfEachOptionAreRead() throws Exception {
        Arguments arguments =
                Arguments.parse(List.of("--config", "f", "--set", "a=1", "word", "--set=b=2=3"));
        assertThat(arguments)
                .isEqualTo(new Arguments(Path.of("f"), List.of("a=1", "b=2=3"), List.of("word")));
        assertThat(Arguments.parse(List.of("--config=g")).config()).isEqualTo(Path.of("g"));
    }

    @Test
    void unknownOptionsAndMissingValuesAreErrors() {
        assertThatThrownBy(() -> Arguments.parse(List.of("--confg=f", "-v", "--set")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(
                        """
                        "--confg": is not an option: use --config FILE or --set KEY=VALUE
                        "-v": is not an option: use --config FILE or --set KEY=VALUE
                        --set: a value must follow: write --config FILE or --set KEY=VALUE\
                        """);
    }

    @Test
    void theFileOfTheVariableIsUsedUnlessOneIsNamed() throws Exception {
        Path one = Files.writeString(folder.resolve("one"), "node: one");
        Path two = Files.writeString(folder.resolve("two"), "node: two");
        Map<String, String> environment = Map.of("FLAREPATH_CONFIG", one.toString());
        assertThat(Arguments.parse(List.of()).load(environment).text(Setting.NODE))
                .isEqualTo("one");
        assertThat(
                        Arguments.parse(List.of("--config", two.toString()))
                                .load(environment)
                                .text(Setting.NODE))
                .isEqualTo("two");
    }
}
