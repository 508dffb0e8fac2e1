package io.flarepath.agent.symbols;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The agent's side of {@link BuilderMain}: starts it when it is needed, at a low priority and with
 * limits of memory, CPU time and disk; ends it when it takes too long, or was idle.
 */
public final class Builder implements AutoCloseable {
    private static final int CPU_SECONDS = 600;

    /** In blocks of 512 bytes, as sh counts: 2 GiB. */
    private static final int FILE_BLOCKS = 4 << 20;

    /** Its answer is looked for after so long, then ever more rarely: it may take minutes. */
    private static final long FIRST_POLL_MILLIS = 5;

    private static final long LAST_POLL_MILLIS = 200;

    /** On a machine with much else to do a process of low priority gets little of a CPU. */
    private static final int CLOCK_PER_CPU_TIME = 15;

    private final int niceness;
    private final int heapMib;
    private final Duration patience;
    private @Nullable Process process;
    private @Nullable BufferedReader answers;

    /**
     * @param niceness of the process: 19 yields to all others
     * @param heapMib heap of the process, MiB
     * @param patience how much CPU time one executable may take, with the start of the process;
     *     fifteen times as long by the clock
     */
    public Builder(int niceness, int heapMib, Duration patience) {
        this.niceness = niceness;
        this.heapMib = heapMib;
        this.patience = patience;
    }

    /**
     * Builds a file.
     *
     * @param request what {@link BuilderMain} takes, its kind first
     * @return the answer, its first field {@link BuilderMessage#DONE} or {@link
     *     BuilderMessage#FAILED}
     * @throws IOException if the builder cannot be started
     */
    public List<String> build(List<String> request) throws IOException, InterruptedException {
        Process running = running();
        OutputStream requests = running.getOutputStream();
        String line = BuilderMessage.encode(request) + '\n';
        try {
            requests.write(line.getBytes(StandardCharsets.UTF_8));
            requests.flush();
            return BuilderMessage.decode(answer(running));
        } catch (IOException | IllegalArgumentException e) {
            close();
            return List.of(BuilderMessage.FAILED, "the builder ended: " + e.getMessage());
        }
    }

    private String answer(Process running) throws IOException, InterruptedException {
        BufferedReader reader = answers;
        long start = System.nanoTime();
        Duration before = cpuTime(running);
        long pause = FIRST_POLL_MILLIS;
        while (reader != null && !reader.ready()) {
            if (!running.isAlive() && !reader.ready()) {
                throw new IOException("exit code " + running.exitValue());
            }
            Duration passed = Duration.ofNanos(System.nanoTime() - start);
            if (passed.compareTo(patience.multipliedBy(CLOCK_PER_CPU_TIME)) > 0
                    || cpuTime(running).minus(before).compareTo(patience) > 0) {
                throw new IOException("it took longer than it may");
            }
            Thread.sleep(pause);
            pause = Math.min(LAST_POLL_MILLIS, pause + pause / 2);
        }
        String line = reader == null ? null : reader.readLine();
        if (line == null) {
            throw new IOException("it gave no answer");
        }
        return line;
    }

    private static Duration cpuTime(Process process) {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    private Process running() throws IOException {
        Process known = process;
        if (known != null && known.isAlive()) {
            return known;
        }
        close();
        Process started =
                new ProcessBuilder(command())
                        .directory(new File("/"))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        process = started;
        answers =
                new BufferedReader(
                        new InputStreamReader(started.getInputStream(), StandardCharsets.UTF_8));
        return started;
    }

    private List<String> command() {
        List<String> command = new ArrayList<>();
        command.add("/bin/sh");
        command.add("-c");
        command.add(
                "ulimit -t "
                        + CPU_SECONDS
                        + "; ulimit -f "
                        + FILE_BLOCKS
                        + "; ulimit -c 0;"
                        + " exec nice -n "
                        + niceness
                        + " \"$0\" \"$@\"");
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx" + heapMib + "m");
        command.add("-Xss512k");
        command.add("-XX:MaxMetaspaceSize=48m");
        command.add("-XX:ReservedCodeCacheSize=24m");
        command.add("-XX:MaxDirectMemorySize=16m");
        command.add("-XX:+UseSerialGC");
        command.add("-XX:TieredStopAtLevel=1");
        command.add("-XX:-UsePerfData");
        command.add("-Xshare:auto");
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(BuilderMain.class.getName());
        return command;
    }

    /** Ends the process, if there is one. */
    @Override
    public void close() {
        Process known = process;
        process = null;
        answers = null;
        if (known != null) {
            known.destroyForcibly();
            try {
                known.waitFor(1, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
