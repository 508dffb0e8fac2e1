package io.flarepath.store.dictionary;

import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.FrameKind;

/** What stands where a piece of a dictionary is lost: values stay, their names do not. */
public final class LostPiece {
    /** The frame of stacks whose names are lost. */
    public static final Frame FRAME =
            new Frame("[names lost]", "", 0, "", "", 0, FrameKind.ERROR, false);

    /** Stands in columns for what a lost number meant. */
    static final int LOST = -1;

    /** A hole larger than this is a lie of a damaged file rather than a lost piece. */
    private static final int LARGEST = 1 << 22;

    private LostPiece() {}

    /** Fills a dictionary up to {@code until}. */
    static void fill(Dictionary into, Counts until) {
        Counts have = into.counts();
        int largest =
                Math.max(
                        Math.max(until.strings() - have.strings(), until.nodes() - have.nodes()),
                        Math.max(
                                Math.max(
                                        until.functions() - have.functions(),
                                        until.frames() - have.frames()),
                                until.stacks() - have.stacks()));
        if (largest > LARGEST) {
            throw new CorruptValueException("a hole of " + largest + " entries");
        }
        for (int i = have.strings(); i < until.strings(); i++) {
            into.appendString("");
        }
        for (int i = have.functions(); i < until.functions(); i++) {
            into.functions.append(new long[] {LOST, LOST, LOST, LOST, 0});
        }
        for (int i = have.frames(); i < until.frames(); i++) {
            into.frames.append(new long[] {LOST, 0, 0, 0});
        }
        for (int i = have.nodes(); i < until.nodes(); i++) {
            into.nodes.append(0, LOST);
        }
        for (int i = have.stacks(); i < until.stacks(); i++) {
            into.appendLostStack();
        }
    }
}
