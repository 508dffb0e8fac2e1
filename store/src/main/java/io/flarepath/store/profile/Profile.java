package io.flarepath.store.profile;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One profile of one series and type, decoded and checked, ready to be stored. Immutable.
 *
 * <p>Stacks are runs of indices into {@link #frames()}, leaf first, laid one behind another: stack
 * {@code i} is {@code stackFrames[stackStart(i) .. stackStart(i + 1))} and carries {@code
 * value(i)}.
 */
public final class Profile {
    private final Labels labels;
    private final ProfileType type;
    private final String id;
    private final long startNanos;
    private final long durationNanos;
    private final long period;
    private final List<Frame> frames;
    private final int[] stackStarts;
    private final int[] stackFrames;
    private final long[] values;
    private final Labels ownLabels;
    private final List<SpanSamples> spans;
    private final TimedSamples timed;

    private Profile(Builder builder) {
        this.labels = builder.labels;
        this.ownLabels = builder.ownLabels;
        this.spans = List.copyOf(builder.spans);
        this.timed = builder.timed;
        this.type = builder.type;
        this.id = builder.id;
        this.startNanos = builder.startNanos;
        this.durationNanos = builder.durationNanos;
        this.period = builder.period;
        this.frames = List.copyOf(builder.frames);
        this.stackStarts = Arrays.copyOf(builder.stackStarts, builder.stacks + 1);
        this.stackFrames = Arrays.copyOf(builder.stackFrames, builder.frameRefs);
        this.values = Arrays.copyOf(builder.values, builder.stacks);
    }

    private Profile(
            Profile stacksOf,
            ProfileType type,
            long period,
            long[] values,
            List<SpanSamples> spans) {
        this.labels = stacksOf.labels;
        this.ownLabels = stacksOf.ownLabels;
        this.spans = List.copyOf(spans);
        this.timed = TimedSamples.NONE;
        this.type = type;
        this.id = stacksOf.id;
        this.startNanos = stacksOf.startNanos;
        this.durationNanos = stacksOf.durationNanos;
        this.period = period;
        this.frames = stacksOf.frames;
        this.stackStarts = stacksOf.stackStarts;
        this.stackFrames = stacksOf.stackFrames;
        this.values = values;
    }

    /**
     * Another type of the same measurement: the same stacks with other values, without times.
     *
     * @param valueOfOneSample 0 when it is not known
     * @param ofStacks a value a stack, not negative; kept
     * @param ofSpans which part of the values is of which span
     */
    public Profile revalued(
            ProfileType other, long valueOfOneSample, long[] ofStacks, List<SpanSamples> ofSpans) {
        if (ofStacks.length != values.length) {
            throw new IllegalArgumentException(
                    ofStacks.length + " values of " + values.length + " stacks");
        }
        for (long value : ofStacks) {
            if (value < 0) {
                throw new IllegalArgumentException("a value must not be negative: " + value);
            }
        }
        return new Profile(this, other, valueOfOneSample, ofStacks, ofSpans);
    }

    /** Whether another has the very same stacks in the same order: it was {@link #revalued}. */
    @SuppressWarnings("ReferenceEquality") // equal ones are found by their content
    public boolean sharesStacks(Profile other) {
        return stackFrames == other.stackFrames;
    }

    /** Labels of the series, {@code service_name} and {@code profiler} among them. */
    public Labels labels() {
        return labels;
    }

    /**
     * The labels without those that samples had: under them the profile is stored when there would
     * be too many series otherwise. The same as {@link #labels()} when no sample had any.
     */
    public Labels ownLabels() {
        return ownLabels;
    }

    /** What is known of single spans, each once. */
    public List<SpanSamples> spans() {
        return spans;
    }

    /** When its samples were taken, as far as they say so. */
    public TimedSamples timed() {
        return timed;
    }

    /** What is measured. */
    public ProfileType type() {
        return type;
    }

    /** The client's id of this upload (kept over retries), or empty. */
    public String id() {
        return id;
    }

    /** Start, nanoseconds since 1970; decides where the profile counts. */
    public long startNanos() {
        return startNanos;
    }

    /** Length in nanoseconds, 0 when it is not known. */
    public long durationNanos() {
        return durationNanos;
    }

    /** Value of one sample in the sample unit (10,309,278 ns at 97 Hz), 0 when it is not known. */
    public long period() {
        return period;
    }

    /** The frames that the stacks refer to. */
    public List<Frame> frames() {
        return frames;
    }

    /** How many stacks there are. */
    public int stackCount() {
        return values.length;
    }

    /** Where stack {@code i} starts among the frame references; {@code i} may be the count. */
    public int stackStart(int i) {
        return stackStarts[i];
    }

    /** The frame index at a place of the frame references. */
    public int stackFrame(int place) {
        return stackFrames[place];
    }

    /** The value of stack {@code i}, in the sample unit, not negative. */
    public long value(int i) {
        return values[i];
    }

    /** The sum of all values. */
    public long total() {
        long sum = 0;
        for (long value : values) {
            sum = Math.addExact(sum, value);
        }
        return sum;
    }

    /** Starts a profile. */
    public static Builder builder(Labels labels, ProfileType type) {
        return new Builder(labels, type);
    }

    /** Collects frames and stacks; equal frames are kept once. Not safe for several threads. */
    public static final class Builder {
        private final Labels labels;
        private final ProfileType type;
        private Labels ownLabels;
        private final List<SpanSamples> spans = new ArrayList<>();
        private TimedSamples timed = TimedSamples.NONE;
        private String id = "";
        private long startNanos;
        private long durationNanos;
        private long period;
        private final List<Frame> frames = new ArrayList<>();

        /** 1 + index of a frame, 0 where there is none; a power of two long, at most half full. */
        private int[] places = new int[128];

        private int[] stackStarts = new int[64];
        private int[] stackFrames = new int[1024];
        private long[] values = new long[64];
        private int stacks;
        private int frameRefs;

        private Builder(Labels labels, ProfileType type) {
            this.labels = labels;
            this.ownLabels = labels;
            this.type = type;
        }

        /** The labels without those that samples had. */
        public Builder ownLabels(Labels withoutThoseOfSamples) {
            this.ownLabels = withoutThoseOfSamples;
            return this;
        }

        /** Which part of the stacks that were added is of a span. */
        public Builder span(SpanSamples span) {
            for (int stack : span.stacks()) {
                if (stack < 0 || stack >= stacks) {
                    throw new IllegalArgumentException(
                            "stack " + stack + " of a span where there are " + stacks);
                }
            }
            spans.add(span);
            return this;
        }

        /** When samples of the stacks that were added were taken. */
        public Builder timed(TimedSamples samples) {
            if (samples.firstStack() < 0 || samples.lastStack() >= stacks) {
                throw new IllegalArgumentException(
                        "stacks up to "
                                + samples.lastStack()
                                + " of timed samples where there are "
                                + stacks);
            }
            timed = samples;
            return this;
        }

        /** The client's id of this upload. */
        public Builder id(String uploadId) {
            this.id = uploadId;
            return this;
        }

        /** Start and length, in nanoseconds. */
        public Builder time(long start, long duration) {
            this.startNanos = start;
            this.durationNanos = duration;
            return this;
        }

        /** The value of one sample. */
        public Builder period(long valueOfOneSample) {
            this.period = valueOfOneSample;
            return this;
        }

        /** The index of a frame, which is added when it is new. */
        public int frame(Frame frame) {
            int place = place(frame.hashCode());
            for (int known = places[place]; known != 0; known = places[place]) {
                if (frames.get(known - 1).equals(frame)) {
                    return known - 1;
                }
                place = (place + 1) & (places.length - 1);
            }
            int index = frames.size();
            frames.add(frame);
            places[place] = index + 1;
            if (2 * frames.size() > places.length) {
                spread();
            }
            return index;
        }

        private int place(int hash) {
            return (hash * 0x9E3779B9) >>> 7 & (places.length - 1);
        }

        private void spread() {
            places = new int[places.length * 2];
            for (int index = 0; index < frames.size(); index++) {
                int place = place(frames.get(index).hashCode());
                while (places[place] != 0) {
                    place = (place + 1) & (places.length - 1);
                }
                places[place] = index + 1;
            }
        }

        /** Makes room for stacks that are about to be added, and for all their frames. */
        public Builder room(int moreStacks, int moreFrames) {
            int wantedStacks = stacks + moreStacks;
            if (wantedStacks >= stackStarts.length) {
                stackStarts = Arrays.copyOf(stackStarts, wantedStacks + 1);
                values = Arrays.copyOf(values, wantedStacks + 1);
            }
            if (frameRefs + moreFrames > stackFrames.length) {
                stackFrames = Arrays.copyOf(stackFrames, frameRefs + moreFrames);
            }
            return this;
        }

        /**
         * Adds a stack.
         *
         * @param leafFirst frame indices from {@link #frame}; the first {@code depth} are taken
         * @param depth number of frames
         * @param value its value, not negative
         */
        public Builder stack(int[] leafFirst, int depth, long value) {
            if (value < 0) {
                throw new IllegalArgumentException("a value must not be negative: " + value);
            }
            if (stacks + 1 >= stackStarts.length) {
                stackStarts = Arrays.copyOf(stackStarts, stackStarts.length * 2);
                values = Arrays.copyOf(values, values.length * 2);
            }
            if (frameRefs + depth > stackFrames.length) {
                stackFrames =
                        Arrays.copyOf(
                                stackFrames, Math.max(stackFrames.length * 2, frameRefs + depth));
            }
            System.arraycopy(leafFirst, 0, stackFrames, frameRefs, depth);
            frameRefs += depth;
            values[stacks++] = value;
            stackStarts[stacks] = frameRefs;
            return this;
        }

        /** The profile. */
        public Profile build() {
            return new Profile(this);
        }
    }
}
