package io.flarepath.symbolizer.live.hotspot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.symbolizer.Frame;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What differs between releases of Java is read off the tables; also of those not at hand. */
final class VmReleasesTest {
    @ParameterizedTest
    @ValueSource(ints = {8, 9, 11, 13, 17, 21, 23, 25, 26})
    void eachReleaseIsNamed(int major) throws UnknownLayoutException {
        SyntheticVm memory = new SyntheticVm(major);
        HotSpot vm = open(memory);
        assertThat(vm.selfCheck()).isEmpty();
        UnwindFacts facts = vm.unwindFacts();
        assertThat(facts.javaMajor()).isEqualTo(major);
        assertThat(facts.bcpSlot()).isEqualTo(major == 8 ? -7 : -8);
        assertThat(facts.codeBeginIsPointer()).isEqualTo(major >= 9 && major < 23);
        assertThat(facts.frameCompleteBytes()).isEqualTo(major >= 23 ? 2 : 4);
        assertThat(vm.codeHeaps()).hasSize(1);
        long code = memory.compiledCode;
        int id = SyntheticVm.COMPILE_ID;
        assertThat(names(vm.compiled(code + 10, id, false)))
                .containsExactly("a/Outer$$Lambda_.outer:100");
        assertThat(names(vm.compiled(code + 20, id, false)))
                .containsExactly("a/Outer$$Lambda_.inner:201", "a/Outer$$Lambda_.outer:101");
        assertThat(names(vm.compiled(code + 11, id, true)))
                .as("a leaf belongs to the next place")
                .containsExactly("a/Outer$$Lambda_.inner:201", "a/Outer$$Lambda_.outer:101");
        assertThat(names(vm.compiled(code + 2, id, true)))
                .as("before the frame stands, nothing is inlined")
                .containsExactly("a/Outer$$Lambda_.outer:100");
        assertThat(names(vm.compiled(code + 21, id, true)))
                .as("behind the last place")
                .containsExactly("a/Outer$$Lambda_.outer:0");
        assertThat(vm.compiled(code + 20, id, false).getFirst())
                .extracting(Frame::systemName, Frame::file, Frame::inlined)
                .containsExactly(
                        "a/Outer$$Lambda+0x00007f0012345678.inner(I)V", "Outer.java", true);
        assertThat(names(vm.compiled(memory.nativeCode, SyntheticVm.NATIVE_COMPILE_ID, false)))
                .containsExactly("a/Outer$$Lambda_.outer:0");
        assertThat(names(vm.compiled(code, id + 1, true))).containsExactly("[code replaced]:0");
        assertThat(names(vm.compiled(memory.interpreterCode, 0, true)))
                .containsExactly("[code replaced]:0");
        assertThat(
                        names(
                                List.of(
                                        vm.interpreted(memory.inner, 6),
                                        vm.interpreted(memory.inner, -1))))
                .containsExactly("a/Outer$$Lambda_.inner:201", "a/Outer$$Lambda_.inner:0");
        assertThat(vm.stub(memory.interpreterCode).function()).isEqualTo("Interpreter");
        assertThat(vm.stub(code).function()).isEqualTo("[code replaced]");
    }

    @Test
    void aMethodThatTakesThePlaceOfAnotherIsNoticed() throws UnknownLayoutException {
        SyntheticVm memory = new SyntheticVm(25);
        HotSpot vm = open(memory);
        assertThat(vm.interpreted(memory.inner, 0).function()).endsWith(".inner");
        // The memory of outer's Method comes to lie where inner's was.
        int from = (int) (memory.outer - SyntheticVm.BASE);
        System.arraycopy(
                memory.image, from, memory.image, (int) (memory.inner - SyntheticVm.BASE), 16);
        assertThat(vm.interpreted(memory.inner, 0).function()).endsWith(".outer");
    }

    @Test
    void whatIsMissingIsNamed() {
        for (String field : List.of("_compile_id", "_scope_decode_offset", "_log2_segment_size")) {
            SyntheticVm memory = new SyntheticVm(25);
            rename(memory.image, field);
            assertThatThrownBy(() -> HotSpot.open(memory, memory.library(), SyntheticVm.BASE))
                    .isInstanceOf(UnknownLayoutException.class)
                    .hasMessageContaining(field);
        }
    }

    @Test
    void aVmThatHasNoCodeYetIsStillStarting() throws UnknownLayoutException {
        SyntheticVm memory = new SyntheticVm(25);
        memory.image[(int) (memory.heapStart - SyntheticVm.BASE) + 4] = 0; // block not in use
        assertThat(HotSpot.open(memory, memory.library(), SyntheticVm.BASE)).isNull();
        assertThat(HotSpot.open((address, to, offset, length) -> 0, memory.library(), 0)).isNull();
    }

    static HotSpot open(SyntheticVm memory) throws UnknownLayoutException {
        return Objects.requireNonNull(
                HotSpot.open(memory, memory.library(), SyntheticVm.BASE), "still starting");
    }

    private static List<String> names(List<Frame> frames) {
        return frames.stream().map(frame -> frame.function() + ":" + frame.line()).toList();
    }

    private static void rename(byte[] image, String field) {
        byte[] wanted = (field + "\0").getBytes(StandardCharsets.US_ASCII);
        int renamed = 0;
        for (int i = 0; i + wanted.length <= image.length; i++) {
            if (Arrays.equals(image, i, i + wanted.length, wanted, 0, wanted.length)) {
                image[i] = 'X';
                renamed++;
            }
        }
        assertThat(renamed).isPositive();
    }
}
