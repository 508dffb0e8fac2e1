package io.flarepath.symbolizer.live.hotspot;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.flarepath.symbolizer.Frame;
import io.flarepath.symbolizer.FrameKind;
import java.util.List;
import org.junit.jupiter.api.Tag;

/**
 * Whatever stands in the memory of a process, frames come back in time or the layout is refused.
 */
@Tag("fuzz")
final class HotSpotFuzz {
    private static final int[] RELEASES = {8, 11, 13, 17, 21, 23, 25, 26};

    /** A call reads far less; a loop without end would pass it soon. */
    private static final int MAX_READS = 2_000_000;

    @FuzzTest
    void anyMemoryIsNamedOrRefused(FuzzedDataProvider data) {
        SyntheticVm memory = new SyntheticVm(RELEASES[data.consumeInt(0, RELEASES.length - 1)]);
        JvmLibrary library = memory.library();
        int changes = data.consumeInt(0, 24);
        for (int i = 0; i < changes; i++) {
            int at = data.consumeInt(0, memory.used() - 9);
            byte[] bytes = data.consumeBytes(data.consumeInt(1, 8));
            System.arraycopy(bytes, 0, memory.image, at, bytes.length);
        }
        int end = data.consumeBoolean() ? data.consumeInt(0, SyntheticVm.BYTES) : SyntheticVm.BYTES;
        byte[] torn = data.consumeBytes(64);
        int[] reads = new int[1];
        TargetMemory hostile =
                (address, to, offset, length) -> {
                    if (++reads[0] > MAX_READS) {
                        throw new AssertionError("too many reads");
                    }
                    long left = SyntheticVm.BASE + end - address;
                    int count = memory.read(address, to, offset, Math.clamp(left, 0, length));
                    // Now and then another answer than the time before, as while the VM runs on.
                    if (torn.length > 0 && count > 0 && reads[0] % 97 == 0) {
                        to[offset + reads[0] % count] ^= torn[reads[0] % torn.length];
                    }
                    return count;
                };
        try {
            HotSpot vm = HotSpot.open(hostile, library, SyntheticVm.BASE);
            if (vm == null) {
                return;
            }
            vm.unwindFacts();
            for (int pc = -4; pc < 64; pc += 4) {
                checked(vm.compiled(memory.compiledCode + pc, SyntheticVm.COMPILE_ID, pc % 8 == 0));
                checked(List.of(vm.stub(memory.interpreterCode + pc)));
                checked(List.of(vm.interpreted(memory.outer + 2L * pc, pc)));
            }
            checked(vm.compiled(memory.nativeCode, SyntheticVm.NATIVE_COMPILE_ID, true));
            vm.selfCheck();
            vm.forget();
        } catch (UnknownLayoutException e) {
            if (e.getMessage() == null || e.getMessage().isEmpty()) {
                throw new AssertionError("no reason", e);
            }
        }
    }

    private static void checked(List<Frame> frames) {
        if (frames.isEmpty() || frames.size() > 64) {
            throw new AssertionError(frames.size() + " frames");
        }
        for (Frame frame : frames) {
            if (frame.function().isEmpty()
                    || (frame.kind() != FrameKind.JVM && frame.kind() != FrameKind.ERROR)) {
                throw new AssertionError("not a frame: " + frame);
            }
        }
    }
}
