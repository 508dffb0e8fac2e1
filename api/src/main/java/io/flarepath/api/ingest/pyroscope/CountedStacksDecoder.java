package io.flarepath.api.ingest.pyroscope;

import io.flarepath.api.ingest.upload.Decoded;
import io.flarepath.api.ingest.upload.Dropped;
import io.flarepath.api.ingest.upload.LabelRules;
import io.flarepath.api.ingest.upload.StackBuilder;
import io.flarepath.api.ingest.upload.StackRules;
import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import io.flarepath.store.profile.Profile;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * Makes a profile of stacks that each have a count and nothing else: folded, lines, tree, trie.
 * What is counted stands in the application's name ({@link FoldedType}). Safe for many threads.
 */
final class CountedStacksDecoder {
    /** A client's profile of one request; the reference takes such uploads and keeps nothing. */
    private static final String OF_ONE_REQUEST = "profile_id";

    private final LabelRules labelRules;
    private final StackRules stackRules;
    private final UploadClock clock;

    CountedStacksDecoder(LabelRules labelRules, StackRules stackRules, UploadClock clock) {
        this.labelRules = labelRules;
        this.stackRules = stackRules;
        this.clock = clock;
    }

    /**
     * Decodes.
     *
     * @param in the stacks, not compressed
     * @throws ApiError 422 for what is not of the format; 400 for an unknown type and for what
     *     breaks a rule; 413 for what is too large
     */
    Decoded decode(UploadFormat format, IngestRequest request, InputStream in, UploadMemory memory)
            throws IOException {
        FoldedType type = FoldedType.of(request.name().app());
        Dropped dropped = new Dropped();
        long factor = type.timed() ? request.nanosPerSample() : 1;
        Profile.Builder profile =
                Profile.builder(labelRules.check(request.typedLabels(type.service())), type.type())
                        .time(clock.check(request.fromNanos()), request.durationNanos())
                        .period(factor);
        StackBuilder stacks = new StackBuilder(profile, stackRules, memory);
        if (format == UploadFormat.FOLDED) {
            new FoldedReader(profile, stacks, memory, factor, dropped).read(in);
        } else {
            FrameNames names = new FrameNames(memory);
            tree(format, in, names, dropped, memory).into(profile, stacks, names, factor);
            dropped.count("truncated-stack", stacks.cut());
        }
        if (!request.name().labels().getOrDefault(OF_ONE_REQUEST, "").isEmpty()) {
            dropped.count("profile-of-one-request", 1);
            return new Decoded(List.of(), dropped);
        }
        return new Decoded(stacks.stacks() == 0 ? List.of() : List.of(profile.build()), dropped);
    }

    private CallTree tree(
            UploadFormat format,
            InputStream in,
            FrameNames names,
            Dropped dropped,
            UploadMemory memory)
            throws IOException {
        CallTree tree = new CallTree(stackRules, memory);
        switch (format) {
            case LINES -> new LinesReader(tree, names).read(in, memory);
            case TREE -> new TreeReader(tree, names, memory).read(in, dropped);
            case TRIE -> new TrieReader(tree, names, memory).read(in, dropped);
            default -> throw new IllegalArgumentException(format + " is no tree of stacks");
        }
        return tree;
    }
}
