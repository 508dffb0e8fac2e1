package io.flarepath.symbolizer.live.hotspot;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks at some of all that a VM has and tells what does not fit together. The VM runs on
 * meanwhile: a block that is just being written is wrong for a moment, so only what stays wrong
 * counts.
 */
final class SelfCheck {
    private static final int MAX_BLOBS = 256;
    private static final int MAX_NMETHODS = 32;
    private static final int MAX_PROBLEMS = 16;

    /**
     * Before the next look. On a busy machine a thread may rest for long in the midst of a block.
     */
    private static final long[] PAUSES_MS = {3, 3, 3, 50, 200, 500};

    /** What lasts in more places is no block that is being written. */
    private static final int FEW = 3;

    /** Of a block's header, as the message shows it. */
    private static final int SHOWN_BYTES = 16;

    private final MemoryReader reader;
    private final Layout layout;
    private final CodeBlobs blobs;
    private final Methods methods;

    SelfCheck(MemoryReader reader, Layout layout, CodeBlobs blobs, Methods methods) {
        this.reader = reader;
        this.layout = layout;
        this.blobs = blobs;
        this.methods = methods;
    }

    List<String> problems() {
        Set<String> lasting = look();
        for (long pause : PAUSES_MS) {
            boolean isSettled = lasting.isEmpty() || (pause > PAUSES_MS[0] && lasting.size() > FEW);
            if (isSettled || !pause(pause)) {
                break;
            }
            lasting.retainAll(look());
        }
        return lasting.stream().sorted().limit(MAX_PROBLEMS).toList();
    }

    private Set<String> look() {
        Set<String> problems = new HashSet<>();
        if (check(problems) == 0) {
            problems.add("nothing to check");
        }
        return problems;
    }

    private static boolean pause(long millis) {
        try {
            Thread.sleep(millis);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Number of blobs that were good. */
    private int check(Set<String> problems) {
        List<CodeBlob> nmethods = new ArrayList<>();
        int[] good = new int[1];
        blobs.walk(
                MAX_BLOBS,
                (block, blob) -> {
                    if (blob == null) {
                        problems.add(
                                "no blob in the block at 0x"
                                        + Long.toHexString(block)
                                        + " of a heap, which begins with "
                                        + beginning(block));
                    } else {
                        good[0]++;
                        if (blob.isNmethod() && nmethods.size() < MAX_NMETHODS) {
                            nmethods.add(blob);
                        }
                    }
                    return problems.size() < MAX_PROBLEMS;
                });
        for (CodeBlob blob : nmethods) {
            String problem = problem(blob);
            if (problem != null && blobs.isUnchanged(blob)) {
                problems.add("nmethod at 0x" + Long.toHexString(blob.address()) + ": " + problem);
            }
        }
        return good[0];
    }

    private String beginning(long block) {
        byte[] bytes = new byte[layout.heapBlockBytes + SHOWN_BYTES];
        int count = reader.some(block, bytes);
        return count <= 0 ? "nothing" : HexFormat.of().formatHex(bytes, 0, count);
    }

    private @Nullable String problem(CodeBlob blob) {
        try {
            if (layout.method.in(blob.header()) == 0) {
                return null; // unloaded, and not yet swept
            }
            Nmethod nmethod = Nmethod.read(reader, layout, blob);
            methods.at(nmethod.method);
            if (nmethod.isNative) {
                return null;
            }
            if (!nmethod.isSorted()) {
                return "its table of places is not in order";
            }
            for (int i = 1; i < nmethod.pcCount() - 1; i++) {
                if (nmethod.pcOffset(i) > blob.size()
                        || !nmethod.endsInOwnMethod(nmethod.scopes(i))) {
                    return "a place does not lead to the method";
                }
            }
            long deopt = layout.deopt.in(blob.header());
            if (layout.deoptIsPointer ? deopt != 0 : deopt > 0) {
                long handler = layout.deoptIsPointer ? deopt : blob.address() + deopt;
                if (handler < blob.codeBegin() || handler >= blob.end()) {
                    return "its deoptimisation handler lies outside";
                }
            }
            return null;
        } catch (UnreadableException e) {
            return e.getMessage();
        }
    }
}
