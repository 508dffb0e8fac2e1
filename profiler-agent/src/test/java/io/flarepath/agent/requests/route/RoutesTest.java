package io.flarepath.agent.requests.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoutesTest {
    @ParameterizedTest
    @CsvSource({
        "/users/17, /users/{}",
        "/users/17/orders/0b3c61f4-9d0a-4f4c-8d1e-2f6f6b1c2a11, /users/{}/orders/{}",
        "/api/v2/things, /api/v2/things",
        "/mail/me@example.org/x, /mail/{}/x",
        "/blob/9f86d081884c7d65, /blob/{}",
        "/http2/check, /http2/check",
        "/, /",
        "/a//b, /a//b",
        "/a/, /a",
        "a/7, /a/{}",
        "//, /",
        "///, //",
        "/a/b/c/d/e/f/g/h/i/j, /a/b/c/d/e/f/g/h/**",
    })
    void idsAreTemplated(String path, String route) {
        assertThat(new Routes(List.of()).of(path, true)).isEqualTo(route);
    }

    @Test
    void configuredPatternsComeFirst() {
        Routes routes = new Routes(List.of("/users/{name}", "/static/**", "/users/me/settings"));
        assertThat(routes.of("/users/alice", true)).isEqualTo("/users/{name}");
        assertThat(routes.of("/static/a/b.css", false)).isEqualTo("/static/**");
        assertThat(routes.of("/users/me/settings", false)).isEqualTo("/users/me/settings");
        assertThat(routes.of("/users", true)).isEqualTo("/users");
    }

    @Test
    void whatTakesManyValuesBecomesATemplate() {
        Routes routes = new Routes(List.of());
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            seen.add(routes.of("/users/" + word(i) + "/orders", true));
        }
        assertThat(seen).contains("/users/{}/orders").hasSizeLessThan(20);
    }

    @Test
    void thereIsAHardCap() {
        Routes routes = new Routes(List.of());
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 100_000; i++) {
            seen.add(
                    routes.of(
                            "/" + word(i % 26) + "/" + word(i / 26 % 26) + "/" + word(i / 676),
                            true));
        }
        assertThat(seen).contains(Routes.OTHER);
        assertThat(seen).hasSizeLessThanOrEqualTo(Routes.MOST_TEMPLATES + 1);
    }

    @Test
    void whatTheServerDoesNotKnowIsNotLearned() {
        Routes routes = new Routes(List.of());
        routes.of("/real", true);
        assertThat(routes.of("/wp-admin.php", false)).isEqualTo(Routes.OTHER);
        assertThat(routes.of("/real", false)).isEqualTo("/real");
    }

    @Test
    void queriesAreMasked() {
        assertThat(MaskedPath.of("/a?token=secret&b=&c#frag")).isEqualTo("/a?token=?&b=?&?");
        assertThat(MaskedPath.of("http://h/p?x=1")).isEqualTo("/p?x=?");
        assertThat(MaskedPath.of("/a\u0001\u00ff")).isEqualTo("/a**");
        assertThat(MaskedPath.of("/?" + "a=b&".repeat(1000))).hasSizeLessThanOrEqualTo(512);
    }

    private static String word(int i) {
        StringBuilder word = new StringBuilder("w");
        for (int left = i, n = 0; n < 3; n++, left /= 26) {
            word.append((char) ('a' + left % 26));
        }
        return word.toString();
    }

    @ParameterizedTest
    @CsvSource({
        "/a?b=secret&c, /a?b=?&?",
        "http://u:p@h:1/a?b=/c, /a?b=?",
        "http://u:p@h?b=/c, /?b=?",
        "http://u:p@h, /",
        "u:p@h:443, h:443",
        "*, *",
        "/to/http://u:p@h/a@b, /to/http://h/a@b",
        "/a;v=1;w;x=2/b;c, /a;v=*;w;x=*/b;c",
        "/ä?ö=1, /*??=?",
        "/a#b, /a",
    })
    void valuesAndUsersAreMasked(String target, String masked) {
        assertThat(MaskedPath.of(target)).isEqualTo(masked);
    }
}
