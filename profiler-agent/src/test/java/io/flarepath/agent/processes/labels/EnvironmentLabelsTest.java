package io.flarepath.agent.processes.labels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class EnvironmentLabelsTest {
    @Test
    void keepsOnlyWhatNamesTheProcess() {
        EnvironmentLabels labels =
                parse(
                        "PASSWORD=secret\0OTEL_SERVICE_NAME=shop\0HOSTNAME=web-0\0"
                                + "OTEL_RESOURCE_ATTRIBUTES=service.version=1.2,team=a\0");

        assertThat(labels.serviceName()).isEqualTo("shop");
        assertThat(labels.hostname()).isEqualTo("web-0");
        assertThat(labels.resource())
                .containsOnly(entry("service.version", "1.2"), entry("team", "a"));
        assertThat(labels.profilingOff()).isFalse();
        assertThat(labels.toString()).doesNotContain("secret");
    }

    @Test
    void decodesPercentsOfResourceAttributes() {
        assertThat(
                        EnvironmentLabels.attributes(
                                "service.name=a%2Cb%3Dc%20%C3%A9, x = y ,bad,=z,e="))
                .containsOnly(entry("service.name", "a,b=c é"), entry("x", "y"));
        assertThat(EnvironmentLabels.attributes("a=100%,b=%zz"))
                .containsOnly(entry("a", "100%"), entry("b", "%zz"));
    }

    @Test
    void takesTheFirstOfEqualNamesAndNoEntryCutShort() {
        EnvironmentLabels labels = parse("HOSTNAME=a\0HOSTNAME=b\0OTEL_SERVICE_NAME=cut");

        assertThat(labels.hostname()).isEqualTo("a");
        assertThat(labels.serviceName()).isEmpty();
    }

    @Test
    void knowsThatProfilingIsOff() {
        assertThat(parse("FLAREPATH_PROFILE=off\0").profilingOff()).isTrue();
        assertThat(parse("FLAREPATH_PROFILE=on\0").profilingOff()).isFalse();
        assertThat(parse("XFLAREPATH_PROFILE=off\0")).isSameAs(EnvironmentLabels.NONE);
    }

    private static EnvironmentLabels parse(String block) {
        byte[] bytes = block.getBytes(StandardCharsets.UTF_8);
        return EnvironmentLabels.parse(bytes, bytes.length);
    }
}
