package io.flarepath.agent.samples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map.Entry;

/** Probes of the returns of functions, as tracers set them, in all processes; until closed. */
final class ReturnProbes implements AutoCloseable {
    private final Process process;

    private ReturnProbes(Process process) {
        this.process = process;
    }

    /**
     * Sets them.
     *
     * @param probes the program that does it
     * @param file whose code lies in the file where it does in memory
     * @param functions that have symbols there
     */
    static ReturnProbes on(Path probes, Path file, List<String> functions) throws Exception {
        List<String> command = new ArrayList<>(List.of(probes.toString(), file.toString()));
        KnownProgram.symbols(file).entrySet().stream()
                .filter(symbol -> functions.contains(symbol.getValue()))
                .map(Entry::getKey)
                .forEach(address -> command.add(Long.toString(address)));
        if (command.size() != functions.size() + 2) {
            throw new IOException(functions + " are not all in " + file);
        }
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String said = process.inputReader().readLine();
        if (!"set".equals(said)) {
            throw new IOException("no probes in " + file + ": " + process.waitFor());
        }
        return new ReturnProbes(process);
    }

    /** Whether they still are. */
    boolean areSet() {
        return process.isAlive();
    }

    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
