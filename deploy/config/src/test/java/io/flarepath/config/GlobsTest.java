package io.flarepath.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class GlobsTest {
    @Test
    void matchesLikeTheEqualRegularExpression() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 50_000; i++) {
            String glob = word(random, "ab*?", 8);
            String text = word(random, "ab", 10);
            String regex =
                    glob.chars()
                            .mapToObj(c -> c == '*' ? ".*" : c == '?' ? "." : "" + (char) c)
                            .collect(Collectors.joining());
            assertThat(new Globs(List.of(glob)).matches(text))
                    .as("seed %d, glob %s, text %s", seed, glob, text)
                    .isEqualTo(Pattern.matches(regex, text));
        }
    }

    @Test
    void anyPatternMayMatch() {
        Globs globs = new Globs(List.of("checkout*", "/system.slice/*.service"));
        assertThat(globs.matches("checkout-v2")).isTrue();
        assertThat(globs.matches("/system.slice/ssh.service")).isTrue();
        assertThat(globs.matches("cart")).isFalse();
        assertThat(new Globs(List.of()).matches("")).isFalse();
    }

    @Test
    void manyStarsTakeNoTime() {
        Globs globs = new Globs(List.of("*a".repeat(400) + "b"));
        assertThat(globs.matches("a".repeat(10_000))).isFalse();
    }

    private static String word(Random random, String alphabet, int longest) {
        int length = random.nextInt(longest + 1);
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < length; i++) {
            out.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return out.toString();
    }
}
