package io.flarepath.symbolizer.binary;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.symbolizer.FrameKind;
import io.flarepath.symbolizer.Programs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/** What {@code nm} says of a file's functions, compared with what we say. */
final class NmOracle {
    private record Function(long address, long size, String name) {}

    private NmOracle() {}

    /** Checks that every sized function resolves to one of its names, at its start and inside. */
    static int check(Path directory, Path file) throws IOException {
        Executable executable = Executable.open(file);
        NavigableMap<Long, Set<String>> names = new TreeMap<>();
        Set<Function> functions = new HashSet<>();
        String listing = Programs.run(directory, "nm", "--print-size", file.toString());
        for (String line : listing.split("\n", -1)) {
            String[] fields = line.split(" ", -1);
            if (fields.length < 4
                    || fields[0].isEmpty()
                    || line.endsWith(" _.stapsdt.base")
                    || "tTwWi".indexOf(fields[2]) < 0) {
                continue;
            }
            long address = Long.parseUnsignedLong(fields[0], 16);
            long size = Long.parseUnsignedLong(fields[1], 16);
            String name = line.substring(line.indexOf(fields[2], 34) + 2);
            String shown = executable.kind() == FrameKind.GO ? name : SymbolNames.shown(name);
            names.computeIfAbsent(address, a -> new HashSet<>()).add(shown);
            functions.add(new Function(address, size, shown));
        }
        for (Function f : functions) {
            Set<String> accepted = names.getOrDefault(f.address, Set.of());
            assertThat(executable.frame(f.address).function()).isIn(accepted);
            long inside = f.address + f.size - 1;
            Long following = names.higherKey(f.address);
            boolean nested = following != null && following <= inside;
            if (!nested) {
                assertThat(executable.frame(inside).function()).isIn(accepted);
            }
        }
        return functions.size();
    }
}
