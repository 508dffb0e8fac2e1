package io.flarepath.bpf;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * Drains a sampler and keeps what it told. All code of all processes is walked by frame pointers:
 * of a process that is sampled for the first time the kernel is told so, and the walk goes on then.
 */
final class RecordedEvents {
    /** One record, decoded. */
    record Event(
            EventKind kind,
            int pid,
            int parentPid,
            long timeNanos,
            long cgroupId,
            long image,
            String comm,
            String path,
            String environment,
            long start,
            long end,
            long inode,
            List<Long> kernel,
            List<Long> user,
            UserStackEnd stackEnd) {}

    private static final long GENERATION = 1;

    private final Sampler sampler;
    private final boolean inCopies;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
    private final ByteBuffer resumed = ByteBuffer.allocateDirect(Sampler.MIN_BUFFER_BYTES);
    private final EventReader drained = new EventReader();
    private EventReader reader = drained;
    private final UnwindMaps maps;
    private final List<Event> events = new ArrayList<>();

    RecordedEvents(Sampler sampler) {
        this(sampler, false);
    }

    /**
     * The same.
     *
     * @param inCopies whether the kernel is never told, so that all walks go on in copies of stacks
     */
    RecordedEvents(Sampler sampler, boolean inCopies) {
        this.sampler = sampler;
        this.inCopies = inCopies;
        maps = sampler.unwindMaps();
        int row = UnwindLayout.MAPPING_BYTES;
        maps.mappings()
                .putLong(UnwindLayout.MAPPING_START, GENERATION)
                .putLong(row + UnwindLayout.MAPPING_START, 0x1000)
                .putLong(row + UnwindLayout.MAPPING_END, 0x7fff_ffff_f000L)
                .putInt(row + UnwindLayout.MAPPING_KIND, UnwindLayout.MAPPED_CODE);
    }

    /** Drains until the condition holds, and once more; fails after a minute. */
    void until(BooleanSupplier condition) {
        long limit = System.nanoTime() + 60_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > limit) {
                throw new AssertionError("waited a minute; seen so far: " + events.size());
            }
            drain(20);
        }
        drain(20);
        drain(20);
    }

    void drain(int timeoutMillis) {
        drained.wrap(buffer, sampler.drain(buffer, timeoutMillis));
        int position = 0;
        while (drained.next()) {
            reader = drained;
            if (drained.kind() == EventKind.SAMPLE && drained.canGoOn()) {
                if (!inCopies) {
                    maps.setProcess(drained.pid(), drained.image(), 1, 1, GENERATION, false);
                }
                int bytes = maps.resume(buffer, position, 1, 1, GENERATION, resumed);
                reader = new EventReader().wrap(resumed, bytes);
                reader.next();
            }
            events.add(decode());
            position += drained.recordBytes();
        }
    }

    /** What an EXEC tells; a question mark where it could not be read. */
    private String environment() {
        byte[] block = new byte[EventReader.ENVIRONMENT_BYTES];
        int length = reader.environment(block);
        return length < 0 ? "?" : new String(block, 0, length, StandardCharsets.UTF_8);
    }

    private Event decode() {
        EventKind kind = reader.kind();
        boolean sample = kind == EventKind.SAMPLE;
        boolean mapping = kind == EventKind.MMAP;
        List<Long> kernel = new ArrayList<>();
        List<Long> user = new ArrayList<>();
        for (int i = 0; sample && i < reader.kernelDepth(); i++) {
            kernel.add(reader.kernelAddress(i));
        }
        for (int i = 0; sample && i < reader.userDepth(); i++) {
            user.add(reader.userAddress(i));
        }
        return new Event(
                kind,
                reader.pid(),
                kind == EventKind.FORK ? reader.parentPid() : 0,
                reader.timeNanos(),
                reader.cgroupId(),
                sample || kind == EventKind.EXEC ? reader.image() : 0,
                reader.comm(),
                mapping || kind == EventKind.EXEC ? reader.path() : "",
                kind == EventKind.EXEC ? environment() : "",
                mapping ? reader.start() : 0,
                mapping ? reader.end() : 0,
                mapping ? reader.inode() : 0,
                kernel,
                user,
                sample ? reader.userStackEnd() : UserStackEnd.NO_USER);
    }

    List<Event> of(long pid) {
        return where(event -> event.pid() == pid);
    }

    List<Event> samplesOf(long pid) {
        return where(event -> event.pid() == pid && event.kind() == EventKind.SAMPLE);
    }

    List<Event> where(Predicate<Event> condition) {
        return events.stream().filter(condition).toList();
    }
}
