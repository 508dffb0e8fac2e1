package io.flarepath.api.server;

/**
 * The limits on what comes in; each can be configured under {@code limits.…}, and the message of a
 * breach names that setting.
 *
 * @param bodyBytes size of a body as sent ({@code limits.body})
 * @param inflatedBytes what a body may inflate to ({@code limits.inflated})
 * @param recordingBytes what a JFR recording may inflate to ({@code limits.recording})
 * @param stackFrames frames of a stack that are kept ({@code limits.stack-frames})
 * @param stackRefused frames above which the upload is refused ({@code limits.stack-refused})
 * @param labels labels of a series ({@code limits.labels})
 * @param labelNameBytes UTF-8 bytes of a label's name ({@code limits.label-name})
 * @param labelValueBytes UTF-8 bytes of a label's value ({@code limits.label-value})
 * @param pending uploads that may wait before further ones are refused ({@code limits.pending})
 * @param ingestion how fast tenants may send ({@code limits.ingestion-rate} and {@code
 *     limits.ingestion-burst})
 */
public record Limits(
        long bodyBytes,
        long inflatedBytes,
        long recordingBytes,
        int stackFrames,
        int stackRefused,
        int labels,
        int labelNameBytes,
        int labelValueBytes,
        int pending,
        IngestBudgets ingestion) {

    /** What holds when nothing is configured. */
    public static final Limits DEFAULT =
            new Limits(128L << 20, 128L << 20, 1L << 30, 2048, 8192, 30, 1024, 2048, 256);

    /** Limits under which tenants send as fast as they can. */
    public Limits(
            long bodyBytes,
            long inflatedBytes,
            long recordingBytes,
            int stackFrames,
            int stackRefused,
            int labels,
            int labelNameBytes,
            int labelValueBytes,
            int pending) {
        this(
                bodyBytes,
                inflatedBytes,
                recordingBytes,
                stackFrames,
                stackRefused,
                labels,
                labelNameBytes,
                labelValueBytes,
                pending,
                IngestBudgets.UNLIMITED);
    }

    /** Refuses limits under which nothing could be stored. */
    public Limits {
        atLeastOne("limits.body", bodyBytes);
        atLeastOne("limits.inflated", inflatedBytes);
        atLeastOne("limits.recording", recordingBytes);
        atLeastOne("limits.stack-frames", stackFrames);
        atLeastOne("limits.labels", labels);
        atLeastOne("limits.label-name", labelNameBytes);
        atLeastOne("limits.label-value", labelValueBytes);
        atLeastOne("limits.pending", pending);
        if (stackRefused < stackFrames) {
            throw new IllegalArgumentException(
                    "limits.stack-refused must not be less than limits.stack-frames: "
                            + stackRefused
                            + " < "
                            + stackFrames);
        }
    }

    private static void atLeastOne(String setting, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(setting + " must be at least 1, not " + value);
        }
    }
}
