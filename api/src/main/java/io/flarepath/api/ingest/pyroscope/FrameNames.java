package io.flarepath.api.ingest.pyroscope;

import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import io.flarepath.store.profile.Frame;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The different frames of an upload, by number. Used by one thread. */
final class FrameNames {
    /** Bytes of a name that are read at no charge each time, known or not. */
    private static final int FREE_BYTES = 256;

    private static final int BYTES_A_FRAME = 250;

    private final UploadMemory memory;
    private final Map<Frame, Integer> numbers = new HashMap<>();
    private final List<Frame> frames = new ArrayList<>();
    private int[] scratch = {};
    private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();

    FrameNames(UploadMemory memory) {
        this.memory = memory;
    }

    /** The number of a frame. */
    int number(Frame frame) {
        Integer known = numbers.get(frame);
        if (known != null) {
            return known;
        }
        memory.charge(BYTES_A_FRAME + 2L * (frame.function().length() + frame.file().length()));
        frames.add(frame);
        numbers.put(frame, frames.size() - 1);
        return frames.size() - 1;
    }

    /**
     * The number of the frame that some bytes name.
     *
     * @throws ApiError 422 when they are not UTF-8
     */
    int number(byte[] bytes, int start, int end) {
        // A few hostile bytes may ask for a long name again and again: time is charged as memory.
        memory.charge(Math.max(0, end - start - FREE_BYTES));
        try {
            ByteBuffer name = ByteBuffer.wrap(bytes, start, end - start);
            return number(Frame.named(utf8.decode(name).toString()));
        } catch (CharacterCodingException e) {
            throw ApiError.unreadable("the name of a frame is not valid UTF-8");
        }
    }

    /** The frame of a number. */
    Frame frame(int number) {
        return frames.get(number);
    }

    /** Zeros, one a frame, which hold until the next call. */
    int[] scratch() {
        if (scratch.length < frames.size()) {
            memory.charge(4L * frames.size());
            scratch = new int[frames.size()];
        } else {
            Arrays.fill(scratch, 0);
        }
        return scratch;
    }
}
