package io.flarepath.symbolizer.live.hotspot;

/**
 * Numbers of one to five bytes (UNSIGNED5: OpenJDK, utilities/unsigned5.hpp): bytes below 192 end a
 * number, others are digits to the base of 64.
 */
final class CompressedNumbers {
    private static final int MAX_BYTES = 5;
    private static final int DIGIT_BITS = 6;
    private static final int FIRST_HIGH = 192;

    private final byte[] bytes;
    private final int end;
    private final int excluded;
    private int position;

    /**
     * Starts reading.
     *
     * @param withoutZeroBytes whether the VM leaves out the byte 0: every byte is then one more
     */
    CompressedNumbers(byte[] bytes, int position, int end, boolean withoutZeroBytes) {
        this.bytes = bytes;
        this.position = position;
        this.end = Math.min(end, bytes.length);
        this.excluded = withoutZeroBytes ? 1 : 0;
    }

    /** One byte as it stands. */
    int u8() throws UnreadableException {
        if (position < 0 || position >= end) {
            throw new UnreadableException("a compressed stream ends early");
        }
        return bytes[position++] & 0xff;
    }

    int unsigned() throws UnreadableException {
        int sum = 0;
        for (int i = 0; i < MAX_BYTES; i++) {
            int value = u8() - excluded;
            if (value < 0) {
                throw new UnreadableException("a compressed number has a byte that is zero");
            }
            sum += value << (DIGIT_BITS * i);
            if (value < FIRST_HIGH - excluded || i == MAX_BYTES - 1) {
                break;
            }
        }
        return sum;
    }

    /** A number whose sign is in its lowest bit. */
    int signed() throws UnreadableException {
        int value = unsigned();
        return (value >>> 1) ^ -(value & 1);
    }
}
