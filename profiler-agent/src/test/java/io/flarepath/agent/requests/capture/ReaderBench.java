package io.flarepath.agent.requests.capture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How many messages a second of CPU are read, in a JVM with the agent's flags, in each second. */
@Tag("bench")
class ReaderBench {
    private static final String SCRIPT =
            """
            eval "$(sed -n '/^COMMON_JVM=(/,/)$/p; /^AGENT_JVM=(/,/)$/p' "$1/flarepath")"
            target=$1/profiler-agent/target
            exec "$2/bin/java" "${COMMON_JVM[@]}" "${AGENT_JVM[@]}" \\
                -cp "$target/test-classes:$target/classes:$target/lib/*" \\
                io.flarepath.agent.requests.capture.FeedMain "$3" 8
            """;
    private static final Pattern LINE =
            Pattern.compile(
                    "second (\\d+): (\\d+) messages a second of CPU, (\\d+) of (\\d+) read");

    @Test
    void messagesASecondOfCpu() throws Exception {
        for (String protocol : List.of("http", "redis")) {
            Process process =
                    new ProcessBuilder(
                                    "bash",
                                    "-c",
                                    SCRIPT,
                                    "reader",
                                    Path.of("..").toAbsolutePath().normalize().toString(),
                                    System.getProperty("java.home"),
                                    protocol)
                            .redirectErrorStream(true)
                            .start();
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            assertThat(process.waitFor()).as(output).isZero();
            System.out.print(output);
            Matcher line = LINE.matcher(output);
            double last = 0;
            while (line.find()) {
                assertThat(line.group(3)).isEqualTo(line.group(4));
                last = Double.parseDouble(line.group(2));
            }
            assertThat(last).isPositive();
            System.out.printf(
                    Locale.ROOT,
                    "RATIO reader_%s_messages_a_cpu_microsecond %.3f%n",
                    protocol,
                    last / 1e6);
        }
    }
}
