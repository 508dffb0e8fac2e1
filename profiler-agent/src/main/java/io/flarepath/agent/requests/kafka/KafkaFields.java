package io.flarepath.agent.requests.kafka;

import io.flarepath.agent.requests.stream.ByteView;
import java.util.regex.Pattern;

/**
 * Reads the fields of a message one after the other, for as long as they are there and make sense;
 * after that all of them are empty.
 */
final class KafkaFields {
    private static final int LONGEST_STRING = 249;
    private static final Pattern TOPIC = Pattern.compile("[A-Za-z0-9._-]{1,249}");

    private final ByteView view;
    private final int end;
    private int at;

    KafkaFields(ByteView view, int from, int end) {
        this.view = view;
        this.end = end;
        at = from;
    }

    boolean isOver() {
        return at < 0;
    }

    void skip(int count) {
        if (at >= 0) {
            at = count >= 0 && end - at >= count ? at + count : -1;
        }
    }

    int int16() {
        int from = at;
        skip(2);
        return at < 0 ? 0 : (short) view.u16(from);
    }

    int int32() {
        int from = at;
        skip(4);
        return at < 0 ? 0 : view.i32(from);
    }

    /** An unsigned varint. */
    int varint() {
        int value = 0;
        for (int shift = 0; shift < 32; shift += 7) {
            int from = at;
            skip(1);
            if (at < 0) {
                return 0;
            }
            value |= (view.u8(from) & 0x7F) << shift;
            if (view.u8(from) < 0x80) {
                return value;
            }
        }
        at = -1;
        return 0;
    }

    /** A string, null being empty. */
    String string(boolean compact) {
        int length = compact ? varint() - 1 : int16();
        if (at < 0 || length <= 0) {
            return "";
        }
        int from = at;
        skip(length);
        return at < 0 || length > LONGEST_STRING ? "" : view.latin1(from, from + length);
    }

    /** Elements of an array. */
    int count(boolean compact) {
        int count = compact ? varint() - 1 : int32();
        return at < 0 ? 0 : count;
    }

    /** Tagged fields of a header; more than a few are not expected. */
    void tags() {
        int count = varint();
        for (int i = 0; i < count && i < 16 && at >= 0; i++) {
            varint();
            skip(varint());
        }
    }

    /** A name of a topic, or empty if the bytes are none. */
    String topic(boolean compact) {
        String name = string(compact);
        return TOPIC.matcher(name).matches() ? name : "";
    }
}
