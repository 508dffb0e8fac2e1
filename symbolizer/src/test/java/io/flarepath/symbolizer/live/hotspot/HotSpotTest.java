package io.flarepath.symbolizer.live.hotspot;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.symbolizer.Frame;
import io.flarepath.symbolizer.FrameKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real JVMs are named from outside as they name themselves through jcmd. */
@Tag("slow")
@Timeout(value = 90, unit = TimeUnit.SECONDS)
final class HotSpotTest {
    /** Methods that the VM compiled before it is asked. */
    private static final int WANTED = 200;

    @TempDir static Path directory;

    @ParameterizedTest
    @CsvSource({
        "17, -XX:+UseSerialGC -XX:+SegmentedCodeCache",
        "17, -XX:+UseParallelGC -XX:-SegmentedCodeCache",
        "17, -XX:+UseG1GC -XX:TieredStopAtLevel=1",
        "17, -XX:+UseZGC",
        "25, -XX:+UseSerialGC -XX:-SegmentedCodeCache",
        "25, -XX:+UseParallelGC -XX:+SegmentedCodeCache",
        "25, -XX:+UseG1GC -XX:-TieredCompilation",
        "25, -XX:+UseZGC",
        "25, -XX:+UseSerialGC -XX:+UseCompactObjectHeaders",
    })
    void compiledMethodsHaveTheNamesThatTheVmGivesThem(int major, String options) throws Exception {
        try (ObservedJvm jvm = ObservedJvm.start(directory, major, options.split(" ", -1))) {
            HotSpot vm = jvm.open();
            assertThat(vm.unwindFacts().javaMajor()).isEqualTo(major);
            assertThat(vm.version()).startsWith(major + ".");
            Map<Integer, ObservedJvm.Listed> listed = jvm.codeList();
            for (int i = 0; i < 100 && listed.size() < 2 * WANTED; i++) {
                Thread.sleep(100);
                listed = jvm.codeList();
            }
            assertThat(vm.selfCheck()).isEmpty();
            int same = 0;
            int replaced = 0;
            List<String> wrong = new ArrayList<>();
            long nanos = -System.nanoTime();
            for (ObservedJvm.Listed expected : listed.values()) {
                Frame own = vm.compiled(expected.code() + 1, expected.compileId(), false).getLast();
                if (own.function().equals("[code replaced]")) {
                    replaced++;
                } else if (external(own).equals(expected.method())
                        && !own.inlined()
                        && own.kind() == FrameKind.JVM) {
                    same++;
                } else {
                    wrong.add(expected.method() + " was " + own);
                }
            }
            nanos += System.nanoTime();
            System.out.printf(
                    "JDK %d %s: %d of %d nmethods named, %d replaced, %d ns each%n",
                    major, options, same, listed.size(), replaced, nanos / listed.size());
            assertThat(wrong).isEmpty();
            assertThat(same).isGreaterThanOrEqualTo(WANTED);
            assertThat(replaced * 5).isLessThanOrEqualTo(listed.size());
        }
    }

    /** The name as {@code Compiler.codelist} writes it. */
    private static String external(Frame frame) {
        String name = frame.systemName();
        int signature = name.indexOf('(');
        if (signature < 0) {
            return frame.toString();
        }
        return name.substring(0, signature).replace('/', '.').replace("+0x", "/0x")
                + name.substring(signature);
    }
}
