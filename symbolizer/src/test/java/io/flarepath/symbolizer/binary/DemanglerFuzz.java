package io.flarepath.symbolizer.binary;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.api.Tag;

/** Any name is demangled within bounds or given back. */
@Tag("fuzz")
final class DemanglerFuzz {
    @FuzzTest
    void anyNameIsDemangledOrGivenBack(FuzzedDataProvider data) {
        String prefix = data.pickValue(new String[] {"_Z", "_ZN", "_R", "_RNv", ""});
        String name = prefix + data.consumeRemainingAsString();
        if (SymbolNames.readable(name).length()
                > Math.max(name.length(), NameOutput.MAX_LENGTH) + 15) {
            throw new AssertionError("longer than the bound");
        }
    }
}
