package io.flarepath.agent.contact;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import org.junit.jupiter.api.Tag;

@Tag("fuzz")
class ServerAnswerFuzz {
    /** An answer is understood or refused by an IOException; nothing else comes out. */
    @FuzzTest(maxDuration = "20s")
    void anyBytesAreReadOrRefused(byte[] data) {
        try {
            ServerAnswer answer = ServerAnswer.parse(data);
            if (answer.revision() < 0 || answer.recordings().size() > 1000) {
                throw new AssertionError("out of bounds: " + answer);
            }
        } catch (IOException expected) {
            if (expected.getMessage() == null) {
                throw new AssertionError("an error without a reason", expected);
            }
        }
    }
}
