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
    private final StackHashes hashes = new StackHashes();
    private final FrameIds frameIds = new FrameIds();
    int[] stackNodes = new int[64];
    int stacks;
    private int[] nodeStacks = new int[64];
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
        return 2 * textBytes
                + 120L * stringCount
                + functions.bytes()
                + frames.bytes()
                + nodes.bytes()
                + hashes.bytes()
                + frameIds.bytes()
                + 4L * (stackNodes.length + nodeStacks.length);
    }

    /** The numbers of a profile's stacks, in its order. */
    public int[] internStacks(Profile profile) {
        int[] ofProfile = new int[profile.frames().size()];
        for (int i = 0; i < ofProfile.length; i++) {
            // One after the other: the processor fetches several at a time.
            ofProfile[i] = frameIds.find(profile.frames().get(i));
        }
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
        boolean mayAdd = !isFull();
        hashes.begin();
        boolean allKnown = true;
        int from = profile.stackStart(stack);
        int at = profile.stackStart(stack + 1) - 1;
        for (; at > from; at -= 2) {
            int frame = resolved(profile, at, ofProfile, mayAdd);
            int next = resolved(profile, at - 1, ofProfile, mayAdd);
            allKnown &= (frame | next) >= 0;
            hashes.frames(frame, next);
        }
        if (at == from) {
            int frame = resolved(profile, at, ofProfile, mayAdd);
            allKnown &= frame >= 0;
            hashes.frames(frame, -1);
        }
        int known = allKnown ? hashes.find() : -1;
        if (known >= 0) {
            return known;
        }
        long foldedBefore = folded;
        int found = walk(profile, stack, ofProfile, mayAdd);
        if (folded == foldedBefore) {
            hashes.put(found);
        }
        return found;
    }

    /** The number of the frame at a place of a stack; -1 when it is new and there is no room. */
    private int resolved(Profile profile, int at, int[] ofProfile, boolean mayAdd) {
        int index = profile.stackFrame(at);
        int known = ofProfile[index];
        if (known < 0) {
            known = frame(profile.frames().get(index), mayAdd);
            ofProfile[index] = known;
        }
        return known;
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
        int known = frameIds.find(frame);
        if (known >= 0) {
            return known;
        }
        int id = add(frame, mayAdd);
        if (id >= 0) {
            frameIds.put(frame, id);
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
        int known = stringIds.getValue(text);
        return known >= 0 || !mayAdd ? known : appendString(text);
    }

    int appendString(String text) {
        if (stringCount == strings.length) {
            strings = Arrays.copyOf(strings, stringCount * 2);
        }
        int id = stringCount++;
        strings[id] = text;
        textBytes += text.length();
        // Texts that differ only in broken surrogates come back equal from disk: the first wins.
        if (stringIds.getValue(text) < 0) {
            stringIds.put(text, id);
        }
        return id;
    }

    private int stackOf(int node) {
        if (node >= nodeStacks.length) {
            nodeStacks = Arrays.copyOf(nodeStacks, Math.max(node + 1, nodeStacks.length * 2));
        }
        if (nodeStacks[node] == 0) {
            appendStack(node);
        }
        return nodeStacks[node] - 1;
    }

    /** A number whose stack nobody knows any more. */
    void appendLostStack() {
        addStackColumn(LostPiece.LOST);
    }

    void appendStack(int node) {
        if (node >= nodeStacks.length) {
            nodeStacks = Arrays.copyOf(nodeStacks, Math.max(node + 1, nodeStacks.length * 2));
        }
        addStackColumn(node);
        nodeStacks[node] = stacks;
    }

    private void addStackColumn(int node) {
        if (stacks == stackNodes.length) {
            stackNodes = Arrays.copyOf(stackNodes, stacks * 2);
        }
        stackNodes[stacks++] = node;
    }
}
