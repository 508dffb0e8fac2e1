package io.flarepath.symbolizer.jfr;

/**
 * One event of a recording.
 *
 * @param kind what it tells
 * @param stack its number in {@link RecordedStacks}
 * @param thread its number in {@link RecordingReader#threads()}
 * @param unixNanos when it happened or, of what lasts, began; nanoseconds since 1970
 * @param count how many samples, objects or contentions it stands for; at least 1
 * @param amount nanoseconds or bytes in all; 0 where the recording does not say what a sample
 *     stands for
 * @param context number of the labels that the program had set in Pyroscope's client, or 0
 * @param spanId span that the thread worked for, or 0
 * @param traceIdHigh higher half of the trace that it belongs to, or 0
 * @param traceIdLow lower half of the trace that it belongs to, or 0
 */
public record RecordedSample(
        SampleKind kind,
        int stack,
        int thread,
        long unixNanos,
        long count,
        long amount,
        long context,
        long spanId,
        long traceIdHigh,
        long traceIdLow) {}
