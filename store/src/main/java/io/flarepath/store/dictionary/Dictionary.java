package io.flarepath.store.dictionary;

import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.FrameKind;
import io.flarepath.store.profile.Profile;
import java.util.Arrays;
import org.agrona.collections.Object2IntHashMap;

/**
 * The dictionary of one service and epoch, in memory. Everything in it has a dense number in the
 * order of its coming and is never changed. One writer at a time; readers take a {@link #view()}.
 *
 * <p>When it is full, stacks that it does not know end in a child {@code <overflow>} of the deepest
 * node that it does know: totals stay exact, detail is lost.
 */
public final class Dictionary {
    /** Stands for what a full dictionary could not take up. */
    public static final Frame OVERFLOW =
            new Frame("<overflow>", "", 0, "", "", 0, FrameKind.ERROR, false);

    /** Object and array of a string, its places in the list and in the table. */
    private static final long STRING_BYTES = 80;

    private final int nodeCap;
    private final long textCap;
    private String[] strings = new String[64];
    private int stringCount;
    private final Object2IntHashMap<String> stringIds = new Object2IntHashMap<>(-1);

    /** name, file, mapping, build-id (strings), kind. */
    final Rows functions = new Rows(5);

    /** function, line, address, flags. */
    final Rows frames = new Rows(4);

    final Trie nodes = new Trie();
    private KnownStacks known = new KnownStacks();
    int[] stackNodes = new int[64];
    int stacks;

    /** Stacks by the node where they end. */
    private final IdTable stackIds = new IdTable();

    private long textBytes;
    private long folded;
    private volatile DictionaryView view = DictionaryView.EMPTY;

    /**
     * An empty dictionary.
     *
     * @param nodeCap nodes beyond which it is full
     * @param textCap bytes of strings beyond which it is full
     */
    public Dictionary(int nodeCap, long textCap) {
        this.nodeCap = nodeCap;
        this.textCap = textCap;
    }

    /**
     * Makes room for what is about to be read, and some more: an array that doubles again and again
     * leaves as much garbage as there is in the end. Only when it is empty.
     */
    void reserve(Counts expected) {
        strings = new String[withRoom(expected.strings())];
        functions.reserve(withRoom(expected.functions()));
        frames.reserve(withRoom(expected.frames()));
        nodes.reserve(withRoom(expected.nodes()));
        stackNodes = new int[withRoom(expected.stacks())];
        stackIds.reserve(withRoom(expected.stacks()));
    }

    private static int withRoom(int count) {
        return 64 + count + count / 8;
    }

    /** What readers see: everything that was there at the last {@link #publish()}. */
    public DictionaryView view() {
        return view;
    }

    /** Lets readers see what was added. */
    public void publish() {
        view =
                new DictionaryView(
                        strings,
                        functions.cells(),
                        frames.cells(),
                        frames.size(),
                        nodes.size(),
                        nodes.parents(),
                        nodes.labels(),
                        stacks,
                        stackNodes);
    }

    /** How many stacks ended in {@code <overflow>} since it was loaded. */
    public long folded() {
        return folded;
    }

    /** How much there is of everything. */
    Counts counts() {
        return new Counts(stringCount, functions.size(), frames.size(), nodes.size(), stacks);
    }

    String string(int id) {
        return strings[id];
    }

    /** Number of nodes. */
    public int nodeCount() {
        return nodes.size();
    }

    /** Number of distinct stacks. */
    public int stackCount() {
        return stacks;
    }

    /** Memory taken, in bytes, roughly. */
    public long bytes() {
        return textBytes
                + STRING_BYTES * stringCount
                + functions.bytes()
                + frames.bytes()
                + nodes.bytes()
                + known.bytes()
                + stackIds.bytes()
                + 4L * stackNodes.length;
    }

    /** The numbers by hash of what it holds. */
    KnownStacks known() {
        return known;
    }

    /** Takes over what is known of the numbers in it, found out when it was in memory before. */
    void adopt(KnownStacks other) {
        known = other;
    }

    /** The numbers of a profile's stacks, in its order. */
    public int[] internStacks(Profile profile) {
        int[] ofProfile = known.frames(profile);
        int[] ids = new int[profile.stackCount()];
        for (int stack = 0; stack < ids.length; stack++) {
            ids[stack] = internStack(profile, stack, ofProfile);
        }
        return ids;
    }

    /** Whether stacks that it does not know end in {@code <overflow>}. */
    public boolean isFull() {
        return nodes.size() >= nodeCap || textBytes >= textCap;
    }

    private int internStack(Profile profile, int stack, int[] ofProfile) {
        int found = known.find(profile, stack, ofProfile);
        if (found >= 0) {
            return found;
        }
        boolean mayAdd = !isFull();
        if (resolve(profile, stack, ofProfile, mayAdd)) {
            found = known.find(profile, stack, ofProfile);
            if (found >= 0) {
                return found;
            }
        }
        long foldedBefore = folded;
        found = walk(profile, stack, ofProfile, mayAdd);
        if (folded == foldedBefore) {
            known.put(found);
        }
        return found;
    }

    /**
     * Finds the numbers of a stack's frames that are not known yet; -1 stays for what is new when
     * there is no room.
     *
     * @return whether there were any
     */
    private boolean resolve(Profile profile, int stack, int[] ofProfile, boolean mayAdd) {
        boolean any = false;
        for (int at = profile.stackStart(stack + 1) - 1; at >= profile.stackStart(stack); at--) {
            int index = profile.stackFrame(at);
            if (ofProfile[index] < 0) {
                ofProfile[index] = frame(profile.frames().get(index), mayAdd);
                any = true;
            }
        }
        return any;
    }

    private int walk(Profile profile, int stack, int[] ofProfile, boolean mayAdd) {
        int node = 0;
        // Leaf first in the profile, root first in the trie.
        for (int at = profile.stackStart(stack + 1) - 1; at >= profile.stackStart(stack); at--) {
            int frame = ofProfile[profile.stackFrame(at)];
            int child = -1;
            if (frame >= 0) {
                child = mayAdd ? nodes.child(node, frame) : nodes.find(node, frame);
            }
            if (child < 0) {
                folded++;
                node = overflowOf(node);
                break;
            }
            node = child;
        }
        return stackOf(node);
    }

    private int overflowOf(int node) {
        int overflow = frame(OVERFLOW, true);
        // A client's own "<overflow>" frame must not grow a chain of them.
        return nodes.labels()[node] == overflow ? node : nodes.child(node, overflow);
    }

    private int frame(Frame frame, boolean mayAdd) {
        int before = known.frames.find(frame);
        if (before >= 0) {
            return before;
        }
        int id = add(frame, mayAdd);
        if (id >= 0) {
            known.frames.put(frame, id);
        }
        return id;
    }

    private int add(Frame frame, boolean mayAdd) {
        int name = string(frame.function(), mayAdd);
        int file = string(frame.file(), mayAdd);
        int mapping = string(frame.mapping(), mayAdd);
        int buildId = string(frame.buildId(), mayAdd);
        if (name < 0 || file < 0 || mapping < 0 || buildId < 0) {
            return -1;
        }
        int function =
                functions.intern(
                        new long[] {name, file, mapping, buildId, frame.kind().code()}, mayAdd);
        if (function < 0) {
            return -1;
        }
        return frames.intern(
                new long[] {function, frame.line(), frame.address(), FrameFlags.of(frame)}, mayAdd);
    }

    private int string(String text, boolean mayAdd) {
        int before = stringIds.getValue(text);
        return before >= 0 || !mayAdd ? before : appendString(text);
    }

    int appendString(String text) {
        if (stringCount == strings.length) {
            strings = Arrays.copyOf(strings, stringCount * 2);
        }
        int id = stringCount++;
        strings[id] = text;
        textBytes += bytesOf(text);
        // Texts that differ only in broken surrogates come back equal from disk: the first wins.
        if (stringIds.getValue(text) < 0) {
            stringIds.put(text, id);
        }
        return id;
    }

    /** A string takes a byte for each character, or two when one of them needs that. */
    private static long bytesOf(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > 0xFF) {
                return 2L * text.length();
            }
        }
        return text.length();
    }

    private int stackOf(int node) {
        int slot = stackPlace(node);
        int id = stackIds.at(slot);
        if (id < 0) {
            id = stacks;
            addStackColumn(node);
            stackIds.put(slot, id, each -> stackNodes[each]);
        }
        return id;
    }

    private int stackPlace(int node) {
        int slot = stackIds.start(node);
        int id = stackIds.at(slot);
        while (id >= 0 && stackNodes[id] != node) {
            slot = stackIds.next(slot);
            id = stackIds.at(slot);
        }
        return slot;
    }

    /** A number whose stack nobody knows any more. */
    void appendLostStack() {
        addStackColumn(LostPiece.LOST);
    }

    /** Adds a stack under the next number even when an equal one is there: disk fixes numbers. */
    void appendStack(int node) {
        int before = stacks;
        if (stackOf(node) != before) {
            addStackColumn(node);
        }
    }

    private void addStackColumn(int node) {
        if (stacks == stackNodes.length) {
            stackNodes = Arrays.copyOf(stackNodes, stacks * 2);
        }
        stackNodes[stacks++] = node;
    }
}
