package io.flarepath.api.ingest.pprof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Against protobuf's own writer. */
class FieldReaderTest {
    /** Gives what it has in small pieces, as an inflater or a socket does. */
    private static InputStream inPieces(byte[] bytes, int piece) {
        return new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] into, int from, int length) {
                return super.read(into, from, Math.min(length, piece));
            }
        };
    }

    private static byte[] written(Random random, List<Object> expected) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        for (int i = 0; i < 300; i++) {
            switch (random.nextInt(4)) {
                case 0 -> {
                    long number = random.nextLong() >> random.nextInt(64);
                    expected.add(number);
                    out.writeUInt64(1, number);
                }
                case 1 -> {
                    byte[] text = new byte[random.nextInt(random.nextInt(20) == 0 ? 90_000 : 60)];
                    random.nextBytes(text);
                    expected.add(text);
                    out.writeByteArray(2, text);
                }
                case 2 -> {
                    ByteArrayOutputStream packed = new ByteArrayOutputStream();
                    CodedOutputStream inner = CodedOutputStream.newInstance(packed);
                    long[] numbers = random.longs(random.nextInt(50)).toArray();
                    for (long number : numbers) {
                        inner.writeUInt64NoTag(number);
                    }
                    inner.flush();
                    expected.add(numbers);
                    out.writeByteArray(3, packed.toByteArray());
                }
                default -> {
                    out.writeFixed64(4, random.nextLong());
                    out.writeFixed32(5, random.nextInt());
                    out.writeByteArray(6, new byte[random.nextInt(100)]);
                    out.writeUInt64(7, random.nextLong());
                }
            }
        }
        out.flush();
        return bytes.toByteArray();
    }

    private static List<Object> read(InputStream stream) throws IOException {
        FieldReader in = new FieldReader(stream);
        List<Object> found = new ArrayList<>();
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            switch (tag >>> 3) {
                case 1 -> found.add(in.varint());
                case 2 -> {
                    int size = in.length();
                    found.add(
                            in.inWindow(size)
                                    ? Arrays.copyOfRange(
                                            in.window(),
                                            in.windowPlace(size),
                                            in.windowPlace(size) + size)
                                    : in.copied(size));
                }
                case 3 -> {
                    List<Long> numbers = new ArrayList<>();
                    long outer = in.enter();
                    // One by one, or several at once.
                    long[] some = new long[found.size() % 9];
                    while (some.length == 0 && !in.atEnd()) {
                        numbers.add(in.varint());
                    }
                    while (!in.atEnd()) {
                        Arrays.stream(some, 0, in.varints(some)).forEach(numbers::add);
                    }
                    in.leave(outer);
                    found.add(numbers.stream().mapToLong(Long::longValue).toArray());
                }
                default -> in.skip(tag);
            }
        }
        return found;
    }

    @Test
    void readsWhatWasWritten() throws IOException {
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            List<Object> expected = new ArrayList<>();
            byte[] bytes = written(random, expected);
            for (int piece : new int[] {1, 7, 1000, 65_536, 1 << 20}) {
                List<Object> found = read(inPieces(bytes, piece));
                assertThat(Arrays.deepEquals(found.toArray(), expected.toArray())).isTrue();
            }
        }
    }

    @Test
    void everyCutIsNoticedOrLiesBetweenFields() throws IOException {
        byte[] bytes = {
            0x0a,
            0x04,
            0x01,
            0x02,
            0x03,
            0x04,
            0x08,
            (byte) 0x80,
            0x01,
            0x11,
            1,
            2,
            3,
            4,
            5,
            6,
            7,
            8
        };
        List<Integer> whole = List.of(0, 6, 9, 18);
        for (int length = 0; length <= bytes.length; length++) {
            byte[] part = Arrays.copyOf(bytes, length);
            if (whole.contains(length)) {
                assertThat(skipped(part)).isEqualTo(length);
            } else {
                assertThatThrownBy(() -> skipped(part)).isInstanceOf(FieldReader.Damaged.class);
            }
        }
    }

    private static long skipped(byte[] bytes) throws IOException {
        FieldReader in = new FieldReader(inPieces(bytes, 3));
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            in.skip(tag);
        }
        return in.position();
    }

    @Test
    void refusesWhatNoWriterWrites() {
        // A number of eleven bytes, in a full window and at its edge.
        byte[] longNumber = new byte[40];
        Arrays.fill(longNumber, (byte) 0xff);
        longNumber[0] = 0x08;
        byte[] short11 = Arrays.copyOf(longNumber, 11);
        for (byte[] bytes :
                new byte[][] {
                    longNumber,
                    short11,
                    {0x00, 0x01}, // field 0
                    {0x0b, 0x0c}, // a group
                    {0x0a, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x0f}, // length
                }) {
            assertThatThrownBy(() -> skipped(bytes)).isInstanceOf(FieldReader.Damaged.class);
        }
        // A field that ends behind the message that it is in.
        assertThatThrownBy(
                        () -> {
                            FieldReader in =
                                    new FieldReader(
                                            new ByteArrayInputStream(
                                                    new byte[] {
                                                        0x0a, 0x02, 0x08, (byte) 0x80, 0x01
                                                    }));
                            int _ = in.tag();
                            long _ = in.enter();
                            in.skip(in.tag());
                        })
                .isInstanceOf(FieldReader.Damaged.class)
                .hasMessageContaining("behind its message");
    }
}
