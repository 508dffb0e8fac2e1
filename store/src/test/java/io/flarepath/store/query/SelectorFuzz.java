package io.flarepath.store.query;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;

/**
 * Any text is a selector or an IllegalArgumentException, and one that is read matches in bounds.
 */
@Tag("fuzz")
class SelectorFuzz {
    @FuzzTest(maxDuration = "30s")
    void anyText(byte[] bytes) {
        try {
            Selector selector = Selector.parse(new String(bytes, StandardCharsets.UTF_8));
            for (Matcher matcher : selector.matchers()) {
                matcher.matchesValue("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab");
            }
        } catch (IllegalArgumentException e) {
            if (e.getMessage() == null) {
                throw new AssertionError("a refusal without a reason", e);
            }
        }
    }
}
