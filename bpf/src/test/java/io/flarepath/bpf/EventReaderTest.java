package io.flarepath.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EventReaderTest {
    @Test
    void sampleIsReadLeafFirst() {
        EventReader reader =
                new RecordBuffer()
                        .sample(
                                10,
                                new long[] {-1, -2},
                                new long[] {4096, 8192, 12288},
                                UserStackEnd.UNREADABLE)
                        .reader();
        assertThat(reader.next()).isTrue();
        assertThat(reader.kind()).isEqualTo(EventKind.SAMPLE);
        assertThat(reader.pid()).isEqualTo(10);
        assertThat(reader.tid()).isEqualTo(11);
        assertThat(reader.cpu()).isEqualTo(3);
        assertThat(reader.timeNanos()).isEqualTo(1000);
        assertThat(reader.cgroupId()).isEqualTo(77);
        assertThat(reader.comm()).isEqualTo("worker");
        assertThat(reader.kernelDepth()).isEqualTo(2);
        assertThat(reader.kernelAddress(1)).isEqualTo(-2);
        assertThat(reader.userDepth()).isEqualTo(3);
        assertThat(reader.userAddress(0)).isEqualTo(4096);
        assertThat(reader.userAddress(2)).isEqualTo(12288);
        assertThat(reader.userStackEnd()).isEqualTo(UserStackEnd.UNREADABLE);
        assertThat(reader.kernelTruncated()).isFalse();
        assertThat(reader.userInSystemCall()).isFalse();
        assertThat(reader.next()).isFalse();
    }

    @Test
    void flagsOfAddressesAreNoPartOfThem() {
        long guessed = RecordDescriptor.ADDRESS_BY_FRAME_POINTER | 0x7f00_0000_1000L;
        long exact = RecordDescriptor.ADDRESS_EXACT | 0x7f00_0000_2000L;
        EventReader reader =
                new RecordBuffer()
                        .sample(
                                1,
                                new long[1],
                                new long[] {exact, guessed},
                                UserStackEnd.UNMAPPED,
                                64)
                        .reader();
        assertThat(reader.next()).isTrue();
        assertThat(reader.userAddress(0)).isEqualTo(0x7f00_0000_2000L);
        assertThat(reader.userAddressExact(0)).isTrue();
        assertThat(reader.byFramePointer(0)).isFalse();
        assertThat(reader.userAddress(1)).isEqualTo(0x7f00_0000_1000L);
        assertThat(reader.byFramePointer(1)).isTrue();
        assertThat(reader.canGoOn()).isTrue();
        assertThat(reader.image()).isEqualTo(0x1234_5678_9abcL);
        assertThat(reader.mappingsGeneration()).isEqualTo(7);
    }

    @Test
    void frameOfAJvmTakesTwoWords() {
        long pc = RecordDescriptor.ADDRESS_JVM | RecordDescriptor.ADDRESS_EXACT | 0x7f00_0000_1000L;
        long method = 0x7ffe_dcba_9878L;
        long interpreted = 2L << 60 | method >> 3 << 16 | 513;
        EventReader reader =
                new RecordBuffer()
                        .sample(
                                1,
                                new long[1],
                                new long[] {pc, interpreted, 4096, pc, 1L << 60 | 0xffff_fff0L},
                                UserStackEnd.COMPLETE)
                        .reader();
        assertThat(reader.next()).isTrue();
        assertThat(reader.isJvmFrame(0)).isTrue();
        assertThat(reader.userAddress(0)).isEqualTo(0x7f00_0000_1000L);
        assertThat(reader.userAddressExact(0)).isTrue();
        assertThat(JvmFrame.kind(reader.jvmFrame(0))).isEqualTo(JvmFrame.Kind.INTERPRETED);
        assertThat(JvmFrame.method(reader.jvmFrame(0))).isEqualTo(method);
        assertThat(JvmFrame.bytecodeIndex(reader.jvmFrame(0))).isEqualTo(513);
        assertThat(reader.isJvmFrame(2)).isFalse();
        assertThat(JvmFrame.kind(reader.jvmFrame(3))).isEqualTo(JvmFrame.Kind.COMPILED);
        assertThat(JvmFrame.compileId(reader.jvmFrame(3))).isEqualTo(-16);
    }

    @Test
    void unknownBytecodeIsNone() {
        assertThat(JvmFrame.bytecodeIndex(2L << 60 | 0xffff)).isEqualTo(-1);
    }

    @Test
    void frameOfAJvmThatIsCutInHalfIsMalformed() {
        EventReader reader =
                new RecordBuffer()
                        .sample(
                                1,
                                new long[1],
                                new long[] {4096, RecordDescriptor.ADDRESS_JVM | 8192},
                                UserStackEnd.COMPLETE)
                        .reader();
        assertThat(reader.next()).isTrue();
        assertThatExceptionOfType(MalformedRecordException.class)
                .isThrownBy(() -> reader.jvmFrame(1));
        assertThatExceptionOfType(MalformedRecordException.class)
                .isThrownBy(() -> JvmFrame.kind(9L << 60));
    }

    @Test
    void stackThatLeavesTheRecordIsMalformed() {
        RecordBuffer buffer =
                new RecordBuffer().sample(1, new long[1], new long[2], UserStackEnd.UNMAPPED, 4096);
        buffer.bytes.putInt(RecordDescriptor.STACK_BYTES, 4104);
        assertThatExceptionOfType(MalformedRecordException.class)
                .isThrownBy(() -> buffer.reader().next())
                .withMessageContaining("4104");
        buffer.bytes.putInt(RecordDescriptor.STACK_BYTES, Integer.MAX_VALUE);
        assertThatExceptionOfType(MalformedRecordException.class)
                .isThrownBy(() -> buffer.reader().next())
                .withMessageContaining("at most");
    }

    @Test
    void recordsOfAllKindsFollowOneAnother() {
        EventReader reader =
                new RecordBuffer()
                        .fork(5)
                        .exec(5, "/bin/true")
                        .mmap(5, 0x1000, 0x3000, "/usr/bin/true")
                        .exit(5)
                        .reader();
        assertThat(reader.next()).isTrue();
        assertThat(reader.parentPid()).isEqualTo(4);
        assertThat(reader.next()).isTrue();
        assertThat(reader.kind()).isEqualTo(EventKind.EXEC);
        assertThat(reader.path()).isEqualTo("/bin/true");
        assertThat(reader.image()).isEqualTo(75);
        assertThat(reader.next()).isTrue();
        assertThat(reader.path()).isEqualTo("/usr/bin/true");
        assertThat(reader.start()).isEqualTo(0x1000);
        assertThat(reader.end()).isEqualTo(0x3000);
        assertThat(reader.fileOffset()).isEqualTo(4096);
        assertThat(reader.device()).isEqualTo(8L << 32 | 1);
        assertThat(reader.inode()).isEqualTo(99);
        assertThat(reader.protection()).isEqualTo(5);
        assertThat(reader.pathTruncated()).isFalse();
        assertThat(reader.next()).isTrue();
        assertThat(reader.kind()).isEqualTo(EventKind.EXIT);
        assertThat(reader.next()).isFalse();
    }

    @Test
    void anExecTellsWhichVariablesOfItsEnvironmentAreSet() {
        EventReader reader =
                new RecordBuffer()
                        .exec(5, "/bin/a", List.of("OTEL_SERVICE_NAME=shop", "", "HOSTNAME=shop-0"))
                        .exec(6, "/bin/b", List.of())
                        .exec(7, "/bin/c")
                        .reader();
        byte[] block = new byte[EventReader.ENVIRONMENT_BYTES];

        assertThat(reader.next()).isTrue();
        assertThat(new String(block, 0, reader.environment(block), StandardCharsets.US_ASCII))
                .isEqualTo("OTEL_SERVICE_NAME=shop\0HOSTNAME=shop-0\0");
        assertThat(reader.path()).isEqualTo("/bin/a");
        assertThat(reader.next()).isTrue();
        assertThat(reader.environment(block)).isZero();
        assertThat(reader.next()).isTrue();
        assertThat(reader.environment(block)).isEqualTo(-1);
        assertThat(reader.next()).isFalse();
    }

    @Test
    void whatARecordDoesNotHaveIsRefused() {
        EventReader reader = new RecordBuffer().exit(5).reader();
        assertThatIllegalStateException().isThrownBy(reader::pid).withMessageContaining("next()");
        assertThat(reader.next()).isTrue();
        assertThatIllegalStateException()
                .isThrownBy(reader::userDepth)
                .withMessageContaining("EXIT")
                .withMessageContaining("SAMPLE");
        assertThatIllegalStateException().isThrownBy(reader::path);
    }

    @Test
    void framesBeyondTheDepthAreRefused() {
        EventReader reader =
                new RecordBuffer()
                        .sample(1, new long[1], new long[2], UserStackEnd.COMPLETE)
                        .reader();
        assertThat(reader.next()).isTrue();
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> reader.userAddress(2));
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> reader.kernelAddress(1));
    }

    @Test
    void depthThatLeavesTheRecordIsMalformed() {
        RecordBuffer buffer =
                new RecordBuffer().sample(1, new long[1], new long[2], UserStackEnd.COMPLETE);
        buffer.bytes.putShort(RecordDescriptor.USER_DEPTH, (short) -1);
        assertThatExceptionOfType(MalformedRecordException.class)
                .isThrownBy(() -> buffer.reader().next())
                .withMessageContaining("65535");
    }

    @Test
    void pathThatLeavesTheRecordIsMalformed() {
        RecordBuffer buffer = new RecordBuffer().mmap(1, 0, 4096, "/x");
        buffer.bytes.putInt(RecordDescriptor.MMAP_PATH_BYTES, 9);
        assertThatExceptionOfType(MalformedRecordException.class)
                .isThrownBy(() -> buffer.reader().next())
                .withMessageContaining("0 to 8, is 9");
    }

    @Test
    void recordsCutOffAnywhereAreMalformedAndNeverMisread() {
        RecordBuffer buffer =
                new RecordBuffer()
                        .sample(1, new long[3], new long[5], UserStackEnd.COMPLETE)
                        .mmap(1, 0, 4096, "/usr/lib/libc.so.6");
        int first = RecordDescriptor.ADDRESSES + 8 * 8;
        for (int bytes = 1; bytes < buffer.bytes.position(); bytes++) {
            EventReader reader = new EventReader().wrap(buffer.bytes, bytes);
            if (bytes >= first) {
                assertThat(reader.next()).isTrue();
            }
            if (bytes != first) {
                assertThatExceptionOfType(MalformedRecordException.class)
                        .as("cut at %d", bytes)
                        .isThrownBy(reader::next);
            }
        }
    }

    @Test
    void anyBytesAreReadOrRefused() {
        long seed = Long.getLong("flarepath.seed", 97);
        Random random = new Random(seed);
        for (int round = 0; round < 3_000; round++) {
            RecordBuffer buffer = valid(random);
            for (int i = random.nextInt(4); i > 0; i--) {
                buffer.bytes.put(
                        random.nextInt(buffer.bytes.position()), (byte) random.nextInt(256));
            }
            try {
                EventReaderFuzz.readAll(buffer.bytes, buffer.bytes.position());
            } catch (RuntimeException e) {
                assertThat(e).as("seed %d round %d", seed, round).isNull();
            }
        }
        ByteBuffer garbage = ByteBuffer.allocate(512);
        for (int round = 0; round < 20_000; round++) {
            random.nextBytes(garbage.array());
            EventReaderFuzz.readAll(garbage, random.nextInt(512));
        }
    }

    private static RecordBuffer valid(Random random) {
        RecordBuffer buffer = new RecordBuffer();
        for (int i = 1 + random.nextInt(5); i > 0; i--) {
            switch (random.nextInt(5)) {
                case 0 ->
                        buffer.sample(
                                i,
                                new long[random.nextInt(20)],
                                new long[random.nextInt(40)],
                                UserStackEnd.DEPTH_LIMIT);
                case 1 -> buffer.exec(i, "/bin/" + "x".repeat(random.nextInt(200)));
                case 2 -> buffer.mmap(i, 0, 4096, "x".repeat(random.nextInt(4096)));
                case 3 -> buffer.fork(i);
                default -> buffer.exit(i);
            }
        }
        return buffer;
    }
}
