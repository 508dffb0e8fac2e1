package io.flarepath.store.encoding;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The outer form of every stored value: magic u16, version u8, codec u8, crc32c u32 of all that
 * follows, head length varint, head, raw body length varint, body. The head is never compressed, so
 * that totals are read without unpacking.
 */
public final class Envelope {
    /** Longest body that is taken, unpacked. */
    public static final int MAX_BODY_BYTES = 1 << 28;

    private static final int VERSION = 1;
    private static final int RAW = 0;
    private static final int ZSTD = 1;
    private static final int PREFIX_BYTES = 8;

    /** Below this a body is kept as it is: a zstd frame would be longer. */
    private static final int SHORTEST_PACKED = 48;

    private final byte[] value;
    private final int codec;
    private final ByteReader head;
    private final int rawLength;
    private final int bodyAt;

    private Envelope(byte[] value, int codec, ByteReader head, int rawLength, int bodyAt) {
        this.value = value;
        this.codec = codec;
        this.head = head;
        this.rawLength = rawLength;
        this.bodyAt = bodyAt;
    }

    /** Closes an envelope around a head and a body that packing would not make shorter. */
    public static byte[] seal(int magic, ByteWriter head, ByteWriter body) {
        return seal(magic, head, body, (byte[]) null);
    }

    /** Closes an envelope around a head and a body. */
    public static byte[] seal(int magic, ByteWriter head, ByteWriter body, ZstdPool zstd) {
        return seal(magic, head, body, pack(body, zstd));
    }

    /** Packs a body for {@link #seal(int, ByteWriter, ByteWriter, byte[])}; null if it is short. */
    public static byte @Nullable [] pack(ByteWriter body, ZstdPool zstd) {
        return body.size() < SHORTEST_PACKED ? null : zstd.compress(body.array(), body.size());
    }

    /** Closes an envelope around a head and a body that was packed already. */
    public static byte[] seal(
            int magic, ByteWriter head, ByteWriter body, byte @Nullable [] packed) {
        ByteWriter out = new ByteWriter(PREFIX_BYTES + 15 + head.size() + body.size());
        boolean smaller = packed != null && packed.length < body.size();
        out.u16(magic).u8(VERSION).u8(smaller ? ZSTD : RAW).u32(0);
        out.varint(head.size()).bytes(head.array(), 0, head.size()).varint(body.size());
        if (packed != null && smaller) {
            out.bytes(packed, 0, packed.length);
        } else {
            out.bytes(body.array(), 0, body.size());
        }
        byte[] value = out.toArray();
        int crc = checksum(value);
        for (int i = 0; i < 4; i++) {
            value[4 + i] = (byte) (crc >>> (24 - 8 * i));
        }
        return value;
    }

    /**
     * Opens an envelope.
     *
     * @throws CorruptValueException when it is not one of this kind, or not what was written
     */
    public static Envelope open(int magic, byte[] value) {
        ByteReader in = new ByteReader(value, 0, value.length);
        int foundMagic = in.u16();
        int version = in.u8();
        int codec = in.u8();
        if (foundMagic != magic || version != VERSION || codec > ZSTD) {
            throw new CorruptValueException(
                    String.format(
                            "magic %04x, version %d, codec %d where %04x, %d, 0 or 1 belong",
                            foundMagic, version, codec, magic, VERSION));
        }
        int crc = in.u32();
        int found = checksum(value);
        if (crc != found) {
            throw new CorruptValueException(
                    String.format("checksum %08x where %08x was written", found, crc));
        }
        int headLength = in.varintUpTo(in.remaining(), "the length of a head");
        ByteReader head = new ByteReader(value, in.position(), in.position() + headLength);
        in.skip(headLength);
        int rawLength = in.varintUpTo(MAX_BODY_BYTES, "the length of a body");
        return new Envelope(value, codec, head, rawLength, in.position());
    }

    /** Reads the head. */
    public ByteReader head() {
        return head;
    }

    /** Unpacks the body. */
    public ByteReader body(ZstdPool zstd) {
        int stored = value.length - bodyAt;
        if (codec == RAW) {
            if (stored != rawLength) {
                throw new CorruptValueException(
                        "a body of " + stored + " bytes where " + rawLength + " belong");
            }
            return new ByteReader(value, bodyAt, value.length);
        }
        if (stored == 0) {
            throw new CorruptValueException("a packed body of 0 bytes");
        }
        try {
            // The frame's own figure is asked first: a short value must not claim a huge array.
            long claimed = Zstd.getFrameContentSize(value, bodyAt, stored);
            if (claimed != rawLength) {
                throw new CorruptValueException(
                        "a packed body of " + claimed + " bytes where " + rawLength + " belong");
            }
            byte[] raw = zstd.decompress(value, bodyAt, stored, rawLength);
            return new ByteReader(raw, 0, rawLength);
        } catch (ZstdException e) {
            throw new CorruptValueException("the body cannot be unpacked: " + e.getMessage());
        }
    }

    private static int checksum(byte[] value) {
        CRC32C crc = new CRC32C();
        crc.update(value, PREFIX_BYTES, value.length - PREFIX_BYTES);
        return (int) crc.getValue();
    }
}
