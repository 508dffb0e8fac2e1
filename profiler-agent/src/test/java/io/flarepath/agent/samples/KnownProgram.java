package io.flarepath.agent.samples;

import io.flarepath.symbolizer.Frame;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A program whose stacks are known.
 *
 * @param name of the program in messages
 * @param command what starts it; it runs until it is killed
 * @param chains for functions by name: how a stack that holds one reads from there towards the
 *     root; one of several
 * @param shares percent of the time of these functions together that each takes; possibly empty
 * @param symbols functions of the program by address, where the file that runs was stripped
 */
record KnownProgram(
        String name,
        List<String> command,
        Map<String, List<CallChain>> chains,
        Map<String, Integer> shares,
        @Nullable NavigableMap<Long, String> symbols) {
    private static final Pattern RUST_HASH = Pattern.compile("::h[0-9a-f]{16}$");

    @Override
    public String toString() {
        return name;
    }

    /** Whether names stand in Go's tables, perhaps alone, which a symbol file is made of. */
    boolean namesAreInTables() {
        return chains.keySet().stream().anyMatch(f -> f.startsWith("main."));
    }

    /** Whether a stack lies in two places: of Go that calls C, of a signal's handler. */
    boolean crossesStacks() {
        return name.endsWith("-cgo") || name.startsWith("handler-");
    }

    /** Whether it is walked by frame pointers. */
    boolean hasNoRules() {
        return name.startsWith("frame-pointers");
    }

    /** File name of what runs. */
    String file() {
        return Path.of(command.getFirst()).getFileName().toString();
    }

    /** The function of a frame, without parameters; that of the unstripped file if it has none. */
    String function(Frame frame) {
        String function = frame.function();
        if (symbols != null && frame.mapping().equals(file()) && StackRoots.isNameless(frame)) {
            Entry<Long, String> symbol = symbols.floorEntry(frame.address());
            function = symbol == null ? function : symbol.getValue();
        }
        int parameters = function.indexOf('(', 1);
        String bare = parameters > 0 ? function.substring(0, parameters) : function;
        return RUST_HASH.matcher(bare).replaceFirst("");
    }

    /** Functions of a file by address, as nm names them. */
    static NavigableMap<Long, String> symbols(Path file) throws Exception {
        Process nm =
                new ProcessBuilder("nm", "-C", "--defined-only", file.toString())
                        .redirectErrorStream(true)
                        .start();
        TreeMap<Long, String> symbols = new TreeMap<>();
        String output = new String(nm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (nm.waitFor() != 0) {
            throw new IllegalStateException(output);
        }
        for (String line : output.split("\n", -1)) {
            if (line.length() > 19 && "tTwWiu".indexOf(line.charAt(17)) >= 0) {
                symbols.put(Long.parseUnsignedLong(line.substring(0, 16), 16), line.substring(19));
            }
        }
        return symbols;
    }
}
