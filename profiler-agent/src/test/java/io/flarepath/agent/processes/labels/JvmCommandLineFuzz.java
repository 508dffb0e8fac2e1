package io.flarepath.agent.processes.labels;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Tag;

@Tag("fuzz")
class JvmCommandLineFuzz {
    /** Whatever the arguments and the file that they name: there is a name or none. */
    @FuzzTest(maxDuration = "20s")
    void anyArgumentsAreRead(byte[] data) {
        String text = new String(data, StandardCharsets.UTF_8);
        String main = JvmCommandLine.main(List.of(text.split("\0", -1)), name -> text);
        if (main.length() > text.length()) {
            throw new AssertionError("a name that is longer than what it is from: " + main);
        }
        int sum = 0;
        for (String argument : JvmCommandLine.argumentsOf(text)) {
            sum += argument.length();
        }
        if (sum > text.length()) {
            throw new AssertionError("more in the arguments than in the file");
        }
    }
}
