package io.flarepath.api.query.pyroscope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.api.server.ApiError;
import io.flarepath.store.profile.ProfileType;
import org.junit.jupiter.api.Test;

class TypedSelectorTest {
    private static final String CPU = "process_cpu:cpu:nanoseconds:cpu:nanoseconds";

    @Test
    void readsBothForms() {
        for (String text :
                new String[] {
                    CPU + "{pod=\"a\"}",
                    " " + CPU + " { pod = \"a\" } ",
                    "{__name__=\"" + CPU + "\",pod=\"a\"}",
                    "{pod=\"a\",__profile_type__=\"" + CPU + "\"}"
                }) {
            TypedSelector typed = TypedSelector.parse("query", text);
            assertThat(typed.type()).as(text).isEqualTo(ProfileType.CPU);
            assertThat(typed.selector().matchers()).as(text).hasToString("[pod=\"a\"]");
        }
    }

    @Test
    void readsATypeAlone() {
        assertThat(TypedSelector.parse("query", CPU).selector().matchers()).isEmpty();
        assertThat(TypedSelector.parse("query", CPU + "{}").selector().matchers()).isEmpty();
    }

    @Test
    void keepsAFamilyAsAnOrdinaryMatcher() {
        TypedSelector typed = TypedSelector.parse("query", CPU + "{__name__=\"process_cpu\"}");
        assertThat(typed.selector().matchers()).hasSize(1);
    }

    @Test
    void saysWhatIsWrong() {
        refuses("{pod=\"a\"}", "must contain a profile-type selection");
        refuses("", "must contain a profile-type selection");
        refuses("cpu{}", "a profile type is name:sampleType");
        refuses(CPU + "{pod=a}", "at character 6");
        refuses(CPU + "{pod=\"a\"", "expected \"}\"");
        refuses(CPU + "{__profile_type__=\"a:b:c:d:e\"}", "names two profile types");
        refuses("x".repeat(20_000), "the limit is 16384");
    }

    private static void refuses(String text, String why) {
        assertThatThrownBy(() -> TypedSelector.parse("query", text))
                .isInstanceOf(ApiError.class)
                .hasMessageContaining(why);
    }
}
