package io.flarepath.api.symbols;

import io.flarepath.api.server.ApiError;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of {@link CompilerMain}: starts it at the lowest priority, with limits of
 * memory, CPU time and disk, and ends it when it takes too long or the server stops. One at a time.
 */
final class Compilation implements AutoCloseable {
    private static final int HEAP_MIB = 512;
    private static final int CPU_SECONDS = 600;

    /** In blocks of 512 bytes, as sh counts: 4 GiB. */
    private static final int FILE_BLOCKS = 8 << 20;

    private static final int MOST_OUTPUT = 16 << 10;

    private final Duration patience;
    private volatile @Nullable Process running;
    private volatile boolean closed;

    /**
     * @param patience how long one file may take
     */
    Compilation(Duration patience) {
        this.patience = patience;
    }

    /**
     * Compiles.
     *
     * @param file what was pushed
     * @param target where the symbol file appears
     * @param scratch folder for what is temporary
     * @throws ApiError 422 when it cannot be compiled, 503 when the server cannot compile
     */
    Build compile(Path file, Path target, Path scratch) {
        try {
            Process process =
                    new ProcessBuilder(command(file, target, scratch))
                            .redirectErrorStream(false)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            running = process;
            if (closed) {
                process.destroyForcibly();
            }
            try {
                return outcome(process);
            } finally {
                running = null;
                process.destroyForcibly();
            }
        } catch (IOException e) {
            throw unavailable("the compiler of symbol files cannot be run: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unavailable("the server is stopping");
        }
    }

    private Build outcome(Process process) throws IOException, InterruptedException {
        process.getOutputStream().close();
        if (!process.waitFor(patience.toSeconds(), TimeUnit.SECONDS)) {
            throw ApiError.unreadable(
                    "the file takes longer to compile than " + patience.toSeconds() + " s");
        }
        byte[] output;
        try (InputStream out = process.getInputStream()) {
            output = out.readNBytes(MOST_OUTPUT);
        }
        String words = new String(output, StandardCharsets.UTF_8).strip();
        return switch (process.exitValue()) {
            case 0 -> decoded(output);
            case CompilerMain.REFUSED ->
                    throw ApiError.unreadable("the file cannot be used: " + words);
            case CompilerMain.FAILED -> throw unavailable("the compiler failed: " + words);
            // A JVM, a shell or a program that did not start.
            case 1, 126, 127 -> throw unavailable("the compiler did not start");
            default -> throw closed ? unavailable("the server is stopping") : tooMuch();
        };
    }

    /** A signal ended it: a limit was reached. */
    private static ApiError tooMuch() {
        return ApiError.unreadable(
                "the file takes more to compile than it may: "
                        + HEAP_MIB
                        + " MiB of memory, "
                        + CPU_SECONDS
                        + " s of CPU time");
    }

    private static Build decoded(byte[] output) {
        try {
            return Build.decode(output);
        } catch (IllegalArgumentException e) {
            throw unavailable("the compiler gave no answer: " + e.getMessage());
        }
    }

    private static ApiError unavailable(String why) {
        return new ApiError(503, "unavailable", why + ", not the file: try again later");
    }

    private static List<String> command(Path file, Path target, Path scratch) {
        List<String> command = new ArrayList<>();
        command.add("/bin/sh");
        command.add("-c");
        command.add(
                "ulimit -t "
                        + CPU_SECONDS
                        + "; ulimit -f "
                        + FILE_BLOCKS
                        + "; ulimit -c 0;"
                        + " exec nice -n 19 \"$0\" \"$@\"");
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx" + HEAP_MIB + "m");
        command.add("-XX:MaxMetaspaceSize=48m");
        command.add("-XX:ReservedCodeCacheSize=32m");
        command.add("-XX:MaxDirectMemorySize=16m");
        command.add("-XX:+UseSerialGC");
        command.add("-XX:-UsePerfData");
        command.add("-Xshare:auto");
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(CompilerMain.class.getName());
        command.add(file.toString());
        command.add(target.toString());
        command.add(scratch.toString());
        return command;
    }

    /** Ends what runs; later compilations are ended at once. */
    @Override
    public void close() {
        closed = true;
        Process process = running;
        if (process != null) {
            process.destroyForcibly();
        }
    }
}
