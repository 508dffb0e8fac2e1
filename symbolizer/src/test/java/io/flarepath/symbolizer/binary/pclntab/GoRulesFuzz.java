package io.flarepath.symbolizer.binary.pclntab;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.flarepath.symbolizer.SectionedElf;
import io.flarepath.symbolizer.binary.ByteSource;
import io.flarepath.symbolizer.binary.ElfFile;
import io.flarepath.symbolizer.binary.MalformedBinaryException;
import java.io.IOException;
import org.junit.jupiter.api.Tag;

/** Any table of Go functions, over any code, has rules that can be stored, or is refused. */
@Tag("fuzz")
final class GoRulesFuzz {
    private static final int EM_X86_64 = 62;
    private static final int MACHINE_AT = 18;

    /** The bytes are cut into the sections, each piece after its length in two bytes. */
    @FuzzTest
    void anyTableHasRulesOrIsRefused(byte[] bytes) throws IOException {
        byte[] image = SectionedElf.of(new String[] {".go.buildinfo", ".gopclntab"}, bytes);
        image[MACHINE_AT] = EM_X86_64;
        int[] handed = new int[1];
        try {
            ElfFile elf = ElfFile.read(ByteSource.of(image));
            GoRules.Result result =
                    GoRules.read(
                            elf,
                            (start, end, rule) -> {
                                handed[0]++;
                                assertThat(start).isLessThan(end);
                                assertThat(rule.fits()).isTrue();
                            });
            assertThat(result.functions()).isNotNegative();
            assertThat(result.functions() == 0 || handed[0] > 0).isTrue();
        } catch (MalformedBinaryException e) {
            // the answer to a damaged file
        }
    }
}
