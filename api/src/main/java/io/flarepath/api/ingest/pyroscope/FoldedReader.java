package io.flarepath.api.ingest.pyroscope;

import io.flarepath.api.ingest.upload.Dropped;
import io.flarepath.api.ingest.upload.LabelRules;
import io.flarepath.api.ingest.upload.StackBuilder;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.Profile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** Reads folded stacks: {@code root;…;leaf count}, one a line. */
final class FoldedReader {
    private static final int BYTES_A_FRAME = 250;

    private final Profile.Builder profile;
    private final StackBuilder stacks;
    private final UploadMemory memory;
    private final long factor;
    private final Dropped dropped;
    private final Map<String, Integer> frames = new HashMap<>();
    private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();
    private int lineNumber;

    /** A reader that multiplies each count by a factor. */
    FoldedReader(
            Profile.Builder profile,
            StackBuilder stacks,
            UploadMemory memory,
            long factor,
            Dropped dropped) {
        this.profile = profile;
        this.stacks = stacks;
        this.memory = memory;
        this.factor = factor;
        this.dropped = dropped;
    }

    /**
     * Reads all lines.
     *
     * @throws ApiError 422 for a line whose count is no whole number or that is not UTF-8
     */
    void read(InputStream in) throws IOException {
        TextLines.read(in, memory, this::take);
        dropped.count("truncated-stack", stacks.cut());
    }

    private void take(byte[] bytes, int start, int end, int number) {
        lineNumber = number;
        int space = end - 1;
        while (space >= start && bytes[space] != ' ') {
            space--;
        }
        if (space < start) {
            dropped.count("line-without-count", end == start ? 0 : 1);
            return;
        }
        String line = text(bytes, start, end);
        space = line.lastIndexOf(' ');
        long count = count(line.substring(space + 1));
        if (count < 0) {
            dropped.count("negative-value", 1);
        } else if (count > 0) {
            addStack(line, space, count);
        }
    }

    private String text(byte[] bytes, int start, int end) {
        try {
            ByteBuffer line = ByteBuffer.wrap(bytes, start, end - start);
            return utf8.decode(line).toString();
        } catch (CharacterCodingException e) {
            throw ApiError.unreadable("line " + lineNumber + " is not valid UTF-8");
        }
    }

    private long count(String text) {
        try {
            long count = Long.parseLong(text);
            return count <= 0 ? count : Math.multiplyExact(count, factor);
        } catch (NumberFormatException | ArithmeticException e) {
            throw ApiError.unreadable(
                    "line "
                            + lineNumber
                            + " must end in a space and a whole number, and ends in "
                            + LabelRules.shown(text));
        }
    }

    /** From the end, since the leaf stands last and stacks are built leaf first. */
    private void addStack(String line, int end, long count) {
        int right = end;
        while (right >= 0) {
            int separator = right == 0 ? -1 : line.lastIndexOf(';', right - 1);
            if (separator + 1 < right) {
                stacks.push(frame(line.substring(separator + 1, right)));
            }
            right = separator;
        }
        stacks.finish(count);
    }

    private int frame(String name) {
        Integer known = frames.get(name);
        if (known != null) {
            return known;
        }
        memory.charge(BYTES_A_FRAME + 2L * name.length());
        int index = profile.frame(Frame.named(name));
        frames.put(name, index);
        return index;
    }
}
