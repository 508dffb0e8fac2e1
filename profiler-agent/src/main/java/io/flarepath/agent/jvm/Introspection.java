package io.flarepath.agent.jvm;

import io.flarepath.symbolizer.binary.ByteSource;
import io.flarepath.symbolizer.live.hotspot.CodeHeap;
import io.flarepath.symbolizer.live.hotspot.HotSpot;
import io.flarepath.symbolizer.live.hotspot.JvmLibrary;
import io.flarepath.symbolizer.live.hotspot.ProcessMemory;
import io.flarepath.symbolizer.live.hotspot.UnknownLayoutException;
import io.flarepath.symbolizer.live.hotspot.UnwindFacts;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Finds out how a JVM is laid out, on a thread of its own: it takes a tenth of a second, in which
 * samples must not wait.
 */
final class Introspection implements AutoCloseable {
    private static final int MAX_LIBRARIES = 64;

    /** What became of it. */
    sealed interface Outcome {}

    /** It is understood, and what was checked is as it should be. */
    record Understood(HotSpot vm, UnwindFacts facts, List<CodeHeap> heaps) implements Outcome {}

    /** It has not set itself up yet, for all that can be seen. */
    record StillStarting() implements Outcome {}

    /** It is laid out in a way that is not understood, or is just setting itself up. */
    record NotUnderstood(String reason) implements Outcome {}

    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(
                    work -> Thread.ofPlatform().name("jvms").daemon().unstarted(work));

    /** What libraries export, by their identity: the same for all that run them. */
    private final Map<String, JvmLibrary> libraries =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, JvmLibrary> eldest) {
                    return size() > MAX_LIBRARIES;
                }
            };

    /**
     * Begins to look at a JVM.
     *
     * @param memory of the process
     * @param identity of its library
     * @param file of the library, which is closed here; null if it is not there any more
     * @param bias added to the library's ELF virtual addresses
     */
    CompletableFuture<Outcome> begin(
            ProcessMemory memory, String identity, @Nullable FileChannel file, long bias) {
        // Whatever stands in the memory of a process, it must not end the thread of the samples.
        return CompletableFuture.supplyAsync(() -> look(memory, identity, file, bias), thread)
                .exceptionally(e -> new NotUnderstood("reading it failed: " + e));
    }

    private Outcome look(
            ProcessMemory memory, String identity, @Nullable FileChannel file, long bias) {
        try {
            HotSpot vm = HotSpot.open(memory, library(identity, file), bias);
            if (vm == null) {
                return new StillStarting();
            }
            List<String> problems = vm.selfCheck();
            if (!problems.isEmpty()) {
                return new NotUnderstood("a check of it failed: " + problems.getFirst());
            }
            return new Understood(vm, vm.unwindFacts(), vm.codeHeaps());
        } catch (UnknownLayoutException e) {
            return new NotUnderstood(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return new NotUnderstood("its library cannot be read: " + e);
        }
    }

    private JvmLibrary library(String identity, @Nullable FileChannel file) throws IOException {
        try (file) {
            JvmLibrary known = libraries.get(identity);
            if (known == null) {
                if (file == null) {
                    throw new IOException("it is not there any more");
                }
                known = JvmLibrary.read(ByteSource.of(file));
                libraries.put(identity, known);
            }
            return known;
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
