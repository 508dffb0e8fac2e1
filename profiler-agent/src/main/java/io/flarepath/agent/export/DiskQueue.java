package io.flarepath.agent.export;

import static java.util.Objects.requireNonNull;

import io.flarepath.agent.metrics.Counter;
import io.flarepath.agent.metrics.MetricRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests that the server has not acknowledged yet, oldest first, bounded in bytes. What {@link
 * #put} has taken survives a {@code kill -9}. When it is full the oldest segment of files is
 * dropped, with what it held counted. While the disk cannot be written a few requests are kept in
 * memory instead. Any thread may call it.
 */
final class DiskQueue implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DiskQueue.class);
    private static final long MEMORY_BYTES = 8 << 20;
    private static final int MOST_ENTRIES = 200_000;

    private final Path path;
    private final long mostBytes;
    private final long segmentBytes;
    private final Map<Payload, Map<DropReason, Counter>> dropped = new EnumMap<>(Payload.class);
    private final Counter tornBytes;
    private final Deque<Entry> entries = new ArrayDeque<>();
    private final Deque<Segment> segments = new ArrayDeque<>();
    private @Nullable QueueFolder folder;
    private @Nullable Segment active;
    private @Nullable Head head;
    private long nextNumber = 1;
    private long memoryBytes;
    private String trouble = "";

    /** A request in the queue: in a segment, or in memory where there is none. Has an identity. */
    private static final class Entry {
        final Segment.Place place;
        @Nullable Segment segment;
        byte @Nullable [] memory;

        Entry(@Nullable Segment segment, Segment.Place place, byte @Nullable [] memory) {
            this.segment = segment;
            this.place = place;
            this.memory = memory;
        }
    }

    /** The oldest request, handed out. It stays the same until it is done. */
    record Head(Payload payload, byte[] body, long items) {}

    private DiskQueue(Path path, long mostBytes, MetricRegistry registry) {
        this.path = path;
        this.mostBytes = mostBytes;
        segmentBytes = Math.clamp(mostBytes / 32, 64 << 10, 8 << 20);
        for (Payload payload : Payload.values()) {
            Map<DropReason, Counter> counters = new EnumMap<>(DropReason.class);
            for (DropReason reason : DropReason.values()) {
                counters.put(reason, payload.dropped(reason, registry));
            }
            dropped.put(payload, counters);
        }
        tornBytes =
                registry.counter(
                        "queue_torn_bytes_total",
                        "Bytes of unfinished or damaged records found in the queue at start.");
        registry.gauge("queue_bytes", "Bytes of the queue, on disk and in memory.", this::bytes);
        registry.gauge("queue_requests", "Requests that wait in the queue.", this::size);
    }

    /**
     * Opens the queue with what an earlier process left; never fails, but may be in memory only.
     */
    static DiskQueue open(Path path, long mostBytes, MetricRegistry registry) {
        DiskQueue queue = new DiskQueue(path, mostBytes, registry);
        synchronized (queue) {
            try {
                queue.recover();
            } catch (IOException e) {
                queue.troubled(e);
            }
        }
        return queue;
    }

    private synchronized void recover() throws IOException {
        QueueFolder opened = QueueFolder.open(path);
        folder = opened;
        Deque<Entry> found = new ArrayDeque<>();
        for (Path file : opened.segments()) {
            nextNumber = QueueFolder.number(file) + 1;
            try {
                recover(file, found);
            } catch (IOException e) {
                LOG.error("cannot read {}: what it holds is not sent", file, e);
            }
        }
        // They are older than what came into memory before the folder could be opened, but for the
        // one that is being sent.
        Entry inHand = head == null ? null : entries.pollFirst();
        while (!found.isEmpty()) {
            entries.addFirst(found.removeLast());
        }
        if (inHand != null) {
            entries.addFirst(inHand);
        }
        makeRoom(0);
    }

    private void recover(Path file, Deque<Entry> found) throws IOException {
        List<Segment.Place> places = new ArrayList<>();
        Segment segment = Segment.recover(file, places);
        tornBytes.add(segment.fileSize() - segment.size());
        if (places.isEmpty()) {
            segment.delete();
            return;
        }
        segments.add(segment);
        places.forEach(place -> found.add(new Entry(segment, place, null)));
    }

    /** Takes a request. It is on disk when this returns, unless the disk cannot be written. */
    synchronized void put(Payload payload, byte[] body, long items) {
        long needed = (long) Segment.RECORD_HEADER + body.length;
        if (needed + Segment.HEADER > mostBytes || body.length > Segment.LONGEST) {
            drop(DropReason.TOO_LONG, payload, items);
            return;
        }
        try {
            if (folder == null) {
                recover();
            }
            makeRoom(needed);
            Segment segment = segmentFor(needed);
            entries.add(new Entry(segment, segment.append(payload, body, items), null));
            recovered();
        } catch (IOException e) {
            seal();
            troubled(e);
            putInMemory(payload, body, items);
        }
    }

    private void makeRoom(long needed) throws IOException {
        while (!segments.isEmpty()
                && (diskBytes() + needed > mostBytes || entries.size() >= MOST_ENTRIES)) {
            Segment oldest = segments.removeFirst();
            if (oldest == active) {
                active = null;
            }
            // The head is in the uploader's hands: it will be counted by its outcome.
            Entry inHand = head == null ? null : entries.peekFirst();
            for (Entry entry : List.copyOf(entries)) {
                if (entry.segment == oldest && entry != inHand) {
                    drop(DropReason.QUEUE_FULL, entry.place);
                }
            }
            entries.removeIf(entry -> entry.segment == oldest && entry != inHand);
            if (inHand != null && inHand.segment == oldest) {
                inHand.segment = null;
            }
            oldest.delete();
        }
    }

    private Segment segmentFor(long needed) throws IOException {
        Segment current = active;
        if (current != null && current.size() + needed <= segmentBytes) {
            return current;
        }
        QueueFolder into = requireNonNull(folder);
        Segment created = Segment.create(into.segment(nextNumber++));
        seal();
        active = created;
        segments.add(created);
        return created;
    }

    /**
     * Ends the active segment. What failed to be written may have left a torn tail: nothing may be
     * appended behind it.
     */
    private void seal() {
        Segment current = active;
        active = null;
        if (current != null && current.pending() == 0) {
            forget(current);
        }
    }

    private void putInMemory(Payload payload, byte[] body, long items) {
        boolean room = memoryBytes + body.length <= MEMORY_BYTES;
        while (!room && dropOldestInMemory()) {
            room = memoryBytes + body.length <= MEMORY_BYTES;
        }
        if (!room) {
            drop(DropReason.MEMORY_FULL, payload, items);
            return;
        }
        entries.add(new Entry(null, new Segment.Place(0, body.length, payload, items), body));
        memoryBytes += body.length;
    }

    private boolean dropOldestInMemory() {
        Entry inHand = head == null ? null : entries.peekFirst();
        for (Entry entry : entries) {
            byte[] memory = entry.memory;
            if (memory != null && entry != inHand) {
                drop(DropReason.MEMORY_FULL, entry.place);
                entries.remove(entry);
                memoryBytes -= memory.length;
                return true;
            }
        }
        return false;
    }

    /** The oldest request, or null if there is none. */
    synchronized @Nullable Head head() {
        while (head == null && !entries.isEmpty()) {
            Entry entry = entries.getFirst();
            byte[] body = load(entry);
            if (body.length > 0) {
                head = new Head(entry.place.payload(), body, entry.place.items());
            } else {
                drop(DropReason.DAMAGED, entry.place);
                removeFirst();
            }
        }
        return head;
    }

    private byte[] load(Entry entry) {
        Segment segment = entry.segment;
        byte[] memory = entry.memory;
        if (memory != null) {
            return memory;
        }
        try {
            return segment == null ? new byte[0] : segment.read(entry.place);
        } catch (IOException e) {
            LOG.warn("cannot read a request from the queue in {}", path, e);
            return new byte[0];
        }
    }

    /** The server has acknowledged the head. */
    synchronized void delivered() {
        head = null;
        removeFirst();
    }

    /** The head will never be accepted. */
    synchronized void refused() {
        Entry entry = entries.getFirst();
        drop(DropReason.REFUSED, entry.place);
        delivered();
    }

    private void removeFirst() {
        Entry entry = entries.removeFirst();
        Segment segment = entry.segment;
        byte[] memory = entry.memory;
        if (memory != null) {
            memoryBytes -= memory.length;
        }
        if (segment == null) {
            return;
        }
        try {
            segment.done(entry.place);
        } catch (IOException e) {
            // It is sent again after a restart; the server knows it by its profile_id.
            LOG.warn("cannot mark a request as done in {}", path, e);
        }
        if (segment.pending() == 0 && segment != active) {
            forget(segment);
        }
    }

    private void forget(Segment segment) {
        segments.remove(segment);
        try {
            segment.delete();
        } catch (IOException e) {
            LOG.warn("cannot delete a file of the queue in {}", path, e);
        }
    }

    /** Requests that wait. */
    synchronized int size() {
        return entries.size();
    }

    private synchronized long bytes() {
        return diskBytes() + memoryBytes;
    }

    private long diskBytes() {
        long sum = 0;
        for (Segment segment : segments) {
            sum += segment.size();
        }
        return sum;
    }

    private void drop(DropReason reason, Segment.Place place) {
        drop(reason, place.payload(), place.items());
    }

    private void drop(DropReason reason, Payload payload, long items) {
        requireNonNull(requireNonNull(dropped.get(payload)).get(reason)).add(items);
    }

    private void troubled(IOException e) {
        String now = String.valueOf(e.getMessage());
        if (!now.equals(trouble)) {
            trouble = now;
            LOG.error(
                    "cannot write the queue in {} ({}): until that is mended, at most {} MiB are kept in"
                            + " memory",
                    path,
                    now,
                    MEMORY_BYTES >> 20);
        }
    }

    private void recovered() {
        if (!trouble.isEmpty()) {
            trouble = "";
            LOG.info("the queue in {} can be written again", path);
        }
    }

    /** Why the queue is in memory only, or empty. */
    synchronized String trouble() {
        return trouble;
    }

    @Override
    public synchronized void close() throws IOException {
        head = null;
        Set<Segment> used = new HashSet<>();
        for (Entry entry : entries) {
            Segment segment = entry.segment;
            if (segment == null) {
                drop(DropReason.STOPPED, entry.place);
            } else {
                used.add(segment);
            }
        }
        entries.clear();
        for (Segment segment : List.copyOf(segments)) {
            if (used.contains(segment)) {
                segment.close();
            } else {
                segment.delete();
            }
        }
        segments.clear();
        if (folder != null) {
            folder.close();
        }
    }
}
