package io.flarepath.agent.export;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * One file of the queue. It is only appended to, but for one byte a record that says "done":
 *
 * <pre>
 *   0  8  "FLPQ" and the version of the format, 1
 *   then records, little endian:
 *   0  4  length of the payload
 *   4  7  number of samples or points in it
 *  11  1  what it is: 0 profiles, 1 metrics
 *  12  4  CRC-32C of the payload
 *  16  4  CRC-32C of the 16 bytes before
 *  20  1  1 when the record is done, else 0
 *  21  3  zero
 *  24     payload
 * </pre>
 *
 * <p>A record is written by one call, so that it survives the end of this process as a whole or is
 * found to be torn. Nothing is forced to the disk: a power cut can lose what the kernel has not yet
 * written back (about 30 s).
 */
final class Segment {
    static final int HEADER = 8;
    static final int RECORD_HEADER = 24;
    private static final long MAGIC = 0x1_51504c46L; // "FLPQ", 1
    private static final int PAYLOAD_AT = 11;
    private static final int DONE_AT = 20;
    private static final long MOST_ITEMS = (1L << 56) - 1;

    /** No record is longer: an upload of this size would be refused anyway. */
    static final int LONGEST = 64 << 20;

    private final Path file;
    private final FileChannel channel;
    private long size;
    private int pending;

    /** Where a record lies and what it holds. */
    record Place(long offset, int length, Payload payload, long items) {}

    private Segment(Path file, FileChannel channel, long size) {
        this.file = file;
        this.channel = channel;
        this.size = size;
    }

    static Segment create(Path file) throws IOException {
        FileChannel channel =
                FileChannel.open(
                        file,
                        Set.of(
                                StandardOpenOption.CREATE_NEW,
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        try {
            writeAll(channel, little(HEADER).putLong(MAGIC).flip(), 0);
        } catch (IOException e) {
            channel.close();
            QueueFolder.delete(file);
            throw e;
        }
        return new Segment(file, channel, HEADER);
    }

    /**
     * Opens a segment that was left by an earlier process.
     *
     * @param found receives the records that are not done, in order
     * @return the segment; its {@link #size} is less than the file's where the rest is torn
     */
    static Segment recover(Path file, List<Place> found) throws IOException {
        FileChannel channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        LinkOption.NOFOLLOW_LINKS);
        try {
            Segment segment = new Segment(file, channel, HEADER);
            segment.scan(found);
            return segment;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private void scan(List<Place> found) throws IOException {
        long end = channel.size();
        ByteBuffer header = little(RECORD_HEADER);
        if (!read(header.limit(HEADER), 0) || header.getLong(0) != MAGIC) {
            size = 0;
            return;
        }
        while (read(header.clear(), size)) {
            int length = header.getInt(0);
            Payload payload = Payload.of(header.get(PAYLOAD_AT));
            boolean whole = header.getInt(16) == headerCrc(header);
            if (!whole || length < 0 || length > LONGEST || payload == null) {
                return;
            }
            if (length > end - size - RECORD_HEADER) {
                return;
            }
            if (header.get(DONE_AT) == 0) {
                found.add(new Place(size, length, payload, header.getLong(4) & MOST_ITEMS));
                pending++;
            }
            size += RECORD_HEADER + length;
        }
    }

    /** Bytes that hold whole records. */
    long size() {
        return size;
    }

    /** Bytes of the file. */
    long fileSize() throws IOException {
        return channel.size();
    }

    /** Records that are not done. */
    int pending() {
        return pending;
    }

    Place append(Payload payload, byte[] body, long items) throws IOException {
        ByteBuffer record = little(RECORD_HEADER + body.length);
        record.putInt(body.length).putLong((items & MOST_ITEMS) | ((long) payload.number() << 56));
        record.putInt(crc(body, body.length));
        record.putInt(headerCrc(record)).putInt(0).put(body).flip();
        try {
            writeAll(channel, record, size);
        } catch (IOException e) {
            channel.truncate(size);
            throw e;
        }
        Place place = new Place(size, body.length, payload, items);
        size += record.limit();
        pending++;
        return place;
    }

    /** The payload, or an empty array if it is damaged. */
    byte[] read(Place place) throws IOException {
        ByteBuffer record = little(RECORD_HEADER + place.length());
        if (!read(record, place.offset())) {
            return new byte[0];
        }
        byte[] payload = new byte[place.length()];
        record.get(RECORD_HEADER, payload);
        return crc(payload, payload.length) == record.getInt(12) ? payload : new byte[0];
    }

    /** Marks a record, so that the next process does not send it again. */
    void done(Place place) throws IOException {
        pending--;
        writeAll(channel, ByteBuffer.wrap(new byte[] {1}), place.offset() + DONE_AT);
    }

    void close() throws IOException {
        channel.close();
    }

    void delete() throws IOException {
        try {
            channel.close();
        } finally {
            QueueFolder.delete(file);
        }
    }

    private boolean read(ByteBuffer into, long position) throws IOException {
        long at = position;
        while (into.hasRemaining()) {
            int count = channel.read(into, at);
            if (count < 0) {
                return false;
            }
            at += count;
        }
        return true;
    }

    private static void writeAll(FileChannel channel, ByteBuffer from, long position)
            throws IOException {
        long at = position;
        while (from.hasRemaining()) {
            at += channel.write(from, at);
        }
    }

    private static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static int headerCrc(ByteBuffer record) {
        CRC32C crc = new CRC32C();
        crc.update(record.slice(0, 16));
        return (int) crc.getValue();
    }

    private static int crc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
