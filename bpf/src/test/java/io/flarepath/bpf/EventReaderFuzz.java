package io.flarepath.bpf;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Tag;

/** Any bytes are records or a {@link MalformedRecordException}. */
@Tag("fuzz")
class EventReaderFuzz {
    @FuzzTest
    void anyBytes(FuzzedDataProvider data) {
        ByteBuffer bytes = ByteBuffer.wrap(data.consumeRemainingAsBytes());
        readAll(bytes, bytes.capacity());
    }

    /** Reads everything that there is; returns a sum, so that nothing is optimised away. */
    static long readAll(ByteBuffer bytes, int length) {
        EventReader reader = new EventReader().wrap(bytes, length);
        long sum = 0;
        try {
            while (reader.next()) {
                sum += reader.pid() + reader.comm().length() + read(reader);
            }
        } catch (MalformedRecordException e) {
            sum++;
        }
        return sum;
    }

    private static long read(EventReader reader) {
        return switch (reader.kind()) {
            case SAMPLE -> stack(reader);
            case EXEC ->
                    reader.path().length()
                            + reader.environment(new byte[EventReader.ENVIRONMENT_BYTES]);
            case FORK -> reader.parentPid();
            case EXIT -> 0;
            case MMAP -> reader.path().length() + reader.start() + reader.inode();
        };
    }

    private static long stack(EventReader reader) {
        long sum = reader.userStackEnd().number() + reader.image() + reader.recordBytes();
        sum += reader.canGoOn() ? reader.mappingsGeneration() : 0;
        for (int i = 0; i < reader.kernelDepth(); i++) {
            sum += reader.kernelAddress(i);
        }
        for (int i = 0; i < reader.userDepth(); i++) {
            sum += reader.userAddress(i);
            sum += reader.byFramePointer(i) || reader.userAddressExact(i) ? 1 : 0;
            if (reader.isJvmFrame(i)) {
                sum += JvmFrame.kind(reader.jvmFrame(i)) == JvmFrame.Kind.STUB ? 1 : 0;
                i++;
            }
        }
        return sum;
    }
}
