package io.flarepath.api.ingest.pyroscope;

import io.flarepath.api.ingest.upload.Dropped;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import java.io.IOException;
import java.util.Arrays;

/** Reads the values of one profile of a file of speedscope into a tree. */
final class SpeedscopeValues {
    /** Beyond this a double no longer counts one by one. */
    private static final double MOST = 1L << 53;

    private static final int BYTES_A_SAMPLE = 24;

    private final ExpectedJson json;
    private final SpeedscopeOutline outline;
    private final SpeedscopeHead head;
    private final CallTree tree;
    private final long each;
    private final UploadMemory memory;
    private int[] stacks = new int[64];
    private int samples;
    private double[] weights = new double[64];
    private int weighed;

    /** The stack that is open in an evented profile, and when the last event was. */
    private int open = CallTree.ROOT;

    private double last;

    /**
     * A reader.
     *
     * @param each what one of a value without a time stands for
     */
    SpeedscopeValues(
            ExpectedJson json,
            SpeedscopeOutline outline,
            SpeedscopeHead head,
            CallTree tree,
            long each,
            UploadMemory memory) {
        this.json = json;
        this.outline = outline;
        this.head = head;
        this.tree = tree;
        this.each = each;
        this.memory = memory;
        this.last = head.startValue();
    }

    /**
     * Reads the profile that the walk stands at.
     *
     * @throws ApiError 422 for what is none, 400 for what breaks a rule
     */
    void read(Dropped dropped) throws IOException {
        json.object("a profile", head.evented() ? this::evented : this::sampled);
        if (samples != weighed) {
            throw ApiError.unreadable(
                    "a profile has " + samples + " samples and " + weighed + " weights");
        }
        addSamples();
        dropped.count("stack-left-open", open == CallTree.ROOT ? 0 : 1);
    }

    private boolean sampled(String field) throws IOException {
        switch (field) {
            case "samples" -> json.array("samples", this::sample);
            case "weights" -> json.array("weights", this::weight);
            default -> {
                return false;
            }
        }
        return true;
    }

    private void sample() throws IOException {
        if (samples == stacks.length) {
            memory.charge((long) BYTES_A_SAMPLE * samples);
            stacks = Arrays.copyOf(stacks, 2 * samples);
        }
        stacks[samples] = CallTree.ROOT;
        json.array("a sample", () -> stacks[samples] = tree.child(stacks[samples], frame()));
        samples++;
    }

    private int frame() throws IOException {
        return outline.frame(json.index("the frame", outline.frames()));
    }

    private void weight() throws IOException {
        double weight = json.number("a weight");
        if (weight < 0) {
            throw ApiError.unreadable("a weight must not be negative, and is " + weight);
        }
        if (weighed == weights.length) {
            memory.charge((long) BYTES_A_SAMPLE * weighed);
            weights = Arrays.copyOf(weights, 2 * weighed);
        }
        weights[weighed++] = weight;
    }

    /** What is lost by rounding one weight is in the next: the sum is right. */
    private void addSamples() {
        double at = 0;
        for (int i = 0; i < samples; i++) {
            double next = at + weights[i];
            if (stacks[i] != CallTree.ROOT) {
                tree.add(stacks[i], between(at, next));
            }
            at = next;
        }
    }

    private long between(double from, double to) {
        return (rounded(to) - rounded(from)) * (head.unit().nanos() > 0 ? 1 : each);
    }

    private long rounded(double value) {
        double scaled = value * Math.max(1, head.unit().nanos());
        if (scaled > MOST || scaled < -MOST) {
            throw ApiError.unreadable(
                    "the values of a profile go up to more than 2^53, in nanoseconds where they are"
                            + " times: "
                            + value);
        }
        return Math.round(scaled);
    }

    private boolean evented(String field) throws IOException {
        if (field.equals("events")) {
            json.array("events", () -> new EventFields().read());
            return true;
        }
        return false;
    }

    /** Gathers the fields of one event. */
    private final class EventFields {
        private String type = "";
        private double at = Double.NaN;
        private int frame = -1;

        private void read() throws IOException {
            json.object("an event", this::field);
            if (frame < 0 || !(at >= last)) {
                throw ApiError.unreadable(
                        "an event must have a frame, and a time that is not before the last event's: "
                                + at
                                + " after "
                                + last);
            }
            take(type, at, frame);
        }

        private boolean field(String field) throws IOException {
            switch (field) {
                case "type" -> type = json.text("the type of an event");
                case "at" -> at = json.number("the time of an event");
                case "frame" -> frame = frame();
                default -> {
                    return false;
                }
            }
            return true;
        }
    }

    private void take(String type, double at, int frame) {
        if (open != CallTree.ROOT) {
            tree.add(open, between(last - head.startValue(), at - head.startValue()));
        }
        last = at;
        switch (type) {
            case "O" -> open = tree.child(open, frame);
            case "C" -> {
                if (open == CallTree.ROOT || tree.frame(open) != frame) {
                    throw ApiError.unreadable(
                            "the event at " + at + " closes a frame that is not the open one");
                }
                open = tree.parent(open);
            }
            default ->
                    throw ApiError.unreadable(
                            "an event must be of the type O or C; the one at " + at + " is not");
        }
    }
}
