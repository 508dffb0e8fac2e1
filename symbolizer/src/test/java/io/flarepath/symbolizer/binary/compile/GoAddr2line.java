package io.flarepath.symbolizer.binary.compile;

import io.flarepath.symbolizer.Programs;
import io.flarepath.symbolizer.binary.symbolfile.CodePlace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;

/** What {@code go tool addr2line} says of addresses, compared with what we say. */
public final class GoAddr2line {
    private GoAddr2line() {}

    /**
     * Compares what Go's tool knows: the function into which all was inlined, the file and the line
     * that run.
     *
     * @param directory for files of this
     * @param go the go command
     * @param file that the tool is asked of; it must have symbols
     * @param ours what we say of an address, innermost first; empty if we know no name
     */
    public static NameComparison compare(
            Path directory,
            String go,
            Path file,
            LongFunction<List<CodePlace>> ours,
            long[] addresses)
            throws IOException {
        Path list = directory.resolve("addresses");
        Files.writeString(list, Addr2line.lines(addresses));
        String command = go + " tool addr2line " + file + " < " + list;
        String[] theirs = Programs.run(directory, "sh", "-c", command).split("\n", -1);
        int equal = 0;
        int inlined = 0;
        List<String> differences = new ArrayList<>();
        for (int i = 0; i < addresses.length; i++) {
            List<CodePlace> own = ours.apply(addresses[i]);
            inlined += own.size() > 1 ? 1 : 0;
            String function = theirs[2 * i];
            String location = theirs[2 * i + 1];
            if (!own.isEmpty()
                    && function.equals(own.getLast().symbol())
                    && location.equals(NameComparison.location(own.getFirst()))) {
                equal++;
            } else {
                differences.add(
                        NameComparison.difference(
                                file, addresses[i], function + ' ' + location, own));
            }
        }
        NameComparison result =
                new NameComparison(addresses.length, equal, 0, inlined, differences);
        System.out.printf("%s, go tool addr2line: %s%n", file.getFileName(), result.summary());
        return result;
    }
}
