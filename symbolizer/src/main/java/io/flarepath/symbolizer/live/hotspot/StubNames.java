package io.flarepath.symbolizer.live.hotspot;

import io.flarepath.symbolizer.Frame;
import io.flarepath.symbolizer.FrameKind;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Names of code that is no method: the stubs that the VM generates, by the variables that hold
 * them.
 */
final class StubNames {
    private static final Frame NO_CODE = Frame.error("no code");
    private static final Frame REPLACED = Frame.error("code replaced");
    private static final String TYPE = "StubRoutines";
    private static final String CALL_STUB = "_call_stub_entry";
    private static final String CALL_STUB_RETURN = "_call_stub_return_address";

    /** A stub that is longer has lost its end. */
    private static final int MAX_STUB_BYTES = 8192;

    /** Stubs begin at multiples of this (CodeEntryAlignment on x86-64). */
    private static final int ALIGNMENT = 32;

    private static final int RET = 0xc3;
    private static final int MAX_ENTRIES = 2048;

    /** What vtables' stubs lie in is one blob; each of them is a few instructions. */
    private static final String VTABLES = "vtable chunks";

    private final MemoryReader reader;
    private final CodeBlobs blobs;
    private final Map<String, Long> variables;
    private final TreeMap<Long, String> entries = new TreeMap<>();

    /** How many of the variables had a value; a VM that starts sets them bit by bit. */
    private int known;

    StubNames(MemoryReader reader, VmTables vm, CodeBlobs blobs) {
        this.reader = reader;
        this.blobs = blobs;
        this.variables = new HashMap<>(vm.staticAddresses(TYPE));
    }

    Frame frame(long pc) {
        CodeBlob blob;
        try {
            blob = blobs.find(pc);
        } catch (UnreadableException e) {
            return NO_CODE;
        }
        if (blob.isNmethod()) {
            return REPLACED;
        }
        String name = blob.name();
        if (name.startsWith(TYPE)) {
            String stub = stub(pc, blob);
            if (stub != null) {
                name = stub;
            }
        } else if (name.equals(VTABLES)) {
            name = "vtable stub";
        }
        return new Frame(name, "", 0, "", "", 0, FrameKind.JVM, false);
    }

    private @Nullable String stub(long pc, CodeBlob blob) {
        Map.Entry<Long, String> entry = entries.floorEntry(pc);
        if (entry == null || entry.getKey() < blob.codeBegin()) {
            readEntries();
            entry = entries.floorEntry(pc);
        }
        if (entry == null
                || entry.getKey() < blob.codeBegin()
                || pc - entry.getKey() > MAX_STUB_BYTES
                || endsBefore(entry.getKey(), pc)) {
            return null;
        }
        return TYPE + "::" + entry.getValue();
    }

    /**
     * Whether the code that begins at an address ends before another one. Not every stub has a
     * variable, so the one before need not be it: a return that is followed by nothing but padding
     * up to where a stub may begin is taken for its end.
     */
    private boolean endsBefore(long start, long pc) {
        byte[] code = new byte[(int) (pc - start)];
        if (reader.some(start, code) < code.length) {
            return true;
        }
        for (int i = 0; i < code.length; i++) {
            if ((code[i] & 0xff) == RET) {
                int next = afterPadding(code, i + 1);
                if ((start + next) % ALIGNMENT == 0) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Passes over instructions that do nothing: 90, 66 … 90, and 66 … 0f 1f with its operands. */
    private static int afterPadding(byte[] code, int from) {
        int i = from;
        while (i < code.length) {
            int at = i;
            while (at < code.length && (code[at] & 0xff) == 0x66) {
                at++;
            }
            if (at < code.length && ((code[at] & 0xff) == 0x90 || (code[at] & 0xff) == 0xf4)) {
                i = at + 1;
                continue;
            }
            boolean wide =
                    at + 2 < code.length
                            && (code[at] & 0xff) == 0x0f
                            && (code[at + 1] & 0xff) == 0x1f;
            int length =
                    wide
                            ? switch (code[at + 2] & 0xff) {
                                case 0x00 -> 3;
                                case 0x40 -> 4;
                                case 0x44 -> 5;
                                case 0x80 -> 7;
                                case 0x84 -> 8;
                                default -> 0;
                            }
                            : 0;
            if (length == 0) {
                break;
            }
            i = at + length;
        }
        return Math.min(i, code.length);
    }

    private void readEntries() {
        if (known == variables.size()) {
            return;
        }
        entries.clear();
        known = 0;
        int read = 0;
        for (Map.Entry<String, Long> variable : variables.entrySet()) {
            if (++read > MAX_ENTRIES) {
                break;
            }
            long address = value(variable.getKey());
            if (address != 0) {
                known++;
                if (!variable.getKey().equals(CALL_STUB_RETURN)) {
                    // Several variables may hold one stub: always the same of their names.
                    String name = variable.getKey().replaceFirst("^_", "");
                    entries.merge(address, name, StubNames::shorter);
                }
            }
        }
        // The one stub of which all VMs export a place inside.
        long inside = value(CALL_STUB_RETURN);
        if (inside != 0 && value(CALL_STUB) == 0) {
            entries.putIfAbsent(inside, "call_stub");
        }
    }

    private static String shorter(String one, String other) {
        if (one.length() != other.length()) {
            return one.length() < other.length() ? one : other;
        }
        return one.compareTo(other) < 0 ? one : other;
    }

    private long value(String variable) {
        Long address = variables.get(variable);
        if (address == null) {
            return 0;
        }
        try {
            return reader.pointer(address);
        } catch (UnreadableException e) {
            return 0;
        }
    }

    /** The return address of every Java frame that C++ called, or 0. */
    long callStubReturn() {
        return value(CALL_STUB_RETURN);
    }

    /**
     * Where the call stub begins. Where the VM does not tell: the return address inside of it,
     * which is the only place of it that callers' frames have.
     */
    long callStubStart() {
        long entry = value(CALL_STUB);
        return entry != 0 ? entry : callStubReturn();
    }

    /** The address behind what is known of the call stub. */
    long callStubEnd() {
        long inside = callStubReturn();
        if (inside == 0) {
            return 0;
        }
        if (value(CALL_STUB) == 0) {
            return inside + 1;
        }
        readEntries();
        Long next = entries.higherKey(inside);
        return next == null ? inside + 1 : Math.min(next, inside + MAX_STUB_BYTES);
    }

    void forget() {
        entries.clear();
        known = 0;
    }
}
