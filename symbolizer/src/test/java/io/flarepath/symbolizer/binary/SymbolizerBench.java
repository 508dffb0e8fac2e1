package io.flarepath.symbolizer.binary;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.symbolizer.live.KernelSymbols;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Cost of a name: time to load, heap, time of a lookup, with the JDK's own libjvm. */
@Tag("bench")
final class SymbolizerBench {
    private static final int LOOKUPS = 2_000_000;

    @Test
    void libjvm() throws IOException {
        Path library = Path.of(System.getProperty("java.home"), "lib/server/libjvm.so");
        Executable executable = Executable.open(library);
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            long start = System.nanoTime();
            executable = Executable.open(library);
            best = Math.min(best, System.nanoTime() - start);
        }
        long base = executable.virtualAddress(0).orElse(0);
        long[] hot = addresses(base, 100);
        long[] cold = addresses(base, 1 << 16);
        double bytes = (double) executable.bytes() / executable.symbolCount();
        System.out.printf(
                "libjvm: %d symbols, %.1f ms to load, %.1f bytes a symbol with its name, %.1f MiB%n",
                executable.symbolCount(), best / 1e6, bytes, executable.bytes() / 1048576.0);
        time(executable, hot);
        System.out.printf("lookup, 100 hot addresses: %.0f ns%n", time(executable, hot));
        System.out.printf("lookup with demangling:    %.0f ns%n", time(executable, cold));
        KernelSymbols kernel = KernelSymbols.load();
        long start = System.nanoTime();
        kernel.refresh();
        System.out.printf(
                "kallsyms: %d symbols, %.1f ms to read, %.1f bytes a symbol%n",
                kernel.size(),
                (System.nanoTime() - start) / 1e6,
                (double) kernel.bytes() / Math.max(1, kernel.size()));
        assertThat(bytes).isLessThan(120);
    }

    private static long[] addresses(long base, int count) {
        return new Random(1).longs(count, base + 0x400000, base + 0xf00000).toArray();
    }

    private static double time(Executable executable, long[] addresses) {
        long sum = 0;
        long start = System.nanoTime();
        int lookups = addresses.length < 1000 ? LOOKUPS : addresses.length;
        for (int i = 0; i < lookups; i++) {
            sum += executable.frame(addresses[i % addresses.length]).function().length();
        }
        double nanos = (double) (System.nanoTime() - start) / lookups;
        assertThat(sum).isPositive();
        return nanos;
    }
}
