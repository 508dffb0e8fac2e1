package io.flarepath.store.dictionary;

import io.flarepath.store.profile.Frame;

/** Numbers of frames by their content, found in one step. In memory only. One writer. */
final class FrameIds {
    private final Dictionary dictionary;
    private final IdTable table = new IdTable();

    FrameIds(Dictionary dictionary) {
        this.dictionary = dictionary;
    }

    /** The number of a frame, or -1. */
    int find(Frame frame) {
        int slot = table.start(hash(frame));
        int id = table.at(slot);
        while (id >= 0 && !isAt(id, frame)) {
            slot = table.next(slot);
            id = table.at(slot);
        }
        return id;
    }

    /** Remembers the number of a frame that was not found. */
    void put(Frame frame, int id) {
        int slot = table.start(hash(frame));
        while (table.at(slot) >= 0) {
            slot = table.next(slot);
        }
        table.put(slot, id, this::hashOf);
    }

    private static long hash(Frame frame) {
        return hash(
                frame.function(),
                frame.file(),
                frame.mapping(),
                frame.buildId(),
                frame.kind().code(),
                frame.line(),
                frame.address(),
                FrameFlags.of(frame));
    }

    private static long hash(
            String name,
            String file,
            String mapping,
            String buildId,
            long kind,
            long line,
            long address,
            long flags) {
        long hash = (long) name.hashCode() << 32 | (file.hashCode() & 0xFFFF_FFFFL);
        hash = hash * 0x9E3779B97F4A7C15L + mapping.hashCode() + 31L * buildId.hashCode();
        return IdTable.mix(hash + line * 0xd6e8feb86659fd93L + address) + kind * 8 + flags;
    }

    private long hashOf(int id) {
        int function = (int) dictionary.frames.cell(id, 0);
        return hash(
                text(function, 0),
                text(function, 1),
                text(function, 2),
                text(function, 3),
                dictionary.functions.cell(function, 4),
                dictionary.frames.cell(id, 1),
                dictionary.frames.cell(id, 2),
                dictionary.frames.cell(id, 3));
    }

    private boolean isAt(int id, Frame frame) {
        int function = (int) dictionary.frames.cell(id, 0);
        return dictionary.frames.cell(id, 1) == frame.line()
                && dictionary.frames.cell(id, 2) == frame.address()
                && dictionary.frames.cell(id, 3) == FrameFlags.of(frame)
                && dictionary.functions.cell(function, 4) == frame.kind().code()
                && text(function, 0).equals(frame.function())
                && text(function, 1).equals(frame.file())
                && text(function, 2).equals(frame.mapping())
                && text(function, 3).equals(frame.buildId());
    }

    private String text(int function, int column) {
        return dictionary.string((int) dictionary.functions.cell(function, column));
    }

    /** Bytes taken. */
    long bytes() {
        return table.bytes();
    }
}
