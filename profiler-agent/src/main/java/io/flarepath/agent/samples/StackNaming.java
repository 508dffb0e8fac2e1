package io.flarepath.agent.samples;

import io.flarepath.agent.processes.MappedFile;
import io.flarepath.agent.processes.Mappings;
import io.flarepath.agent.processes.Processes;
import io.flarepath.agent.processes.TrackedProcess;
import io.flarepath.bpf.UserStackEnd;
import io.flarepath.symbolizer.Frame;
import io.flarepath.symbolizer.FrameKind;
import io.flarepath.symbolizer.binary.Executable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Turns the addresses of a sample into frames. A stack that was cut ends in an error frame. */
final class StackNaming {
    /** Code without a name is told apart by page: its exact addresses would name every sample. */
    private static final long PAGE_MASK = -4096;

    private static final Frame UNMAPPED =
            new Frame("[unmapped]", "", 0, "", "", 0, FrameKind.NATIVE, false);
    private static final Frame NOTHING = Frame.error("no stack");
    private static final Frame KERNEL_LIMIT = Frame.error("kernel depth limit");

    /** The error frame for each end of a user stack that needs one. */
    private static final Map<UserStackEnd, Frame> ERRORS = errors();

    private final Processes processes;
    private final KernelNames kernel;
    private final JitNames jit;
    private final JvmNames jvm;
    private final FrameCache cache;
    private final VdsoNames vdso;

    /** The frames of the stack that is being named: an address may have several. */
    private final List<Frame> expanded = new ArrayList<>();

    StackNaming(
            Processes processes,
            KernelNames kernel,
            VdsoNames vdso,
            JitNames jit,
            JvmNames jvm,
            FrameCache cache) {
        this.processes = processes;
        this.kernel = kernel;
        this.vdso = vdso;
        this.jit = jit;
        this.jvm = jvm;
        this.cache = cache;
    }

    /** Names kernel addresses. */
    @FunctionalInterface
    interface KernelNames {
        Frame frame(long address);
    }

    /** Names offsets in the vDSO. */
    @FunctionalInterface
    interface VdsoNames {
        Frame frame(long offset);
    }

    /** Names code that a just-in-time compiler wrote. */
    @FunctionalInterface
    interface JitNames {
        /** The function at the address, or null. */
        @Nullable Frame frame(TrackedProcess process, long address, long nowNanos);
    }

    /** Names frames of JVMs. */
    @FunctionalInterface
    public interface JvmNames {
        /**
         * The methods of a frame, inlined ones first; never none.
         *
         * @param address where it is: a return address, or where the thread was
         * @param exact whether the thread was there itself
         * @param word which frame it is, as {@link io.flarepath.bpf.JvmFrame} reads it
         */
        List<Frame> frames(
                TrackedProcess process, long address, boolean exact, long word, long nowNanos);
    }

    /** The frames of a stack, leaf first, never empty. */
    Frame[] frames(RawStack stack, TrackedProcess process, long nowNanos) {
        int depth = stack.depth();
        Frame error = error(stack);
        if (depth == 0) {
            return new Frame[] {error == null ? NOTHING : error};
        }
        expanded.clear();
        for (int i = 0; i < depth; i = stack.next(i)) {
            int first = expanded.size();
            if (stack.isJvm(i)) {
                addJvmFrames(stack, i, process, nowNanos);
            } else if (i < stack.kernelDepth()) {
                expanded.add(kernelFrame(stack.callAddress(i)));
            } else {
                addUserFrames(process, stack.callAddress(i), nowNanos);
            }
            if (stack.byFramePointer(i)) {
                expanded.subList(first, expanded.size())
                        .replaceAll(frame -> frame.withLowConfidence(true));
            }
        }
        depth = expanded.size();
        Frame[] frames = expanded.toArray(new Frame[error == null ? depth : depth + 1]);
        if (error == null) {
            return frames;
        }
        frames[depth] = error;
        return frames;
    }

    /** What cut the stack, or null if it is whole. */
    static @Nullable Frame error(RawStack stack) {
        Frame error = ERRORS.get(stack.end());
        return error == null && stack.kernelTruncated() ? KERNEL_LIMIT : error;
    }

    private static Map<UserStackEnd, Frame> errors() {
        Map<UserStackEnd, Frame> errors = new EnumMap<>(UserStackEnd.class);
        for (UserStackEnd end : UserStackEnd.values()) {
            if (!end.reason().isEmpty()) {
                errors.put(end, Frame.error(end.reason()));
            }
        }
        return errors;
    }

    private void addJvmFrames(RawStack stack, int i, TrackedProcess process, long nowNanos) {
        long word = stack.jvmFrame(i);
        expanded.addAll(jvm.frames(process, stack.address(i), stack.isExact(i), word, nowNanos));
    }

    private Frame kernelFrame(long address) {
        Frame[] known = cache.get(kernel, address);
        return known != null ? known[0] : cache.put(kernel, address, kernel.frame(address))[0];
    }

    private void addUserFrames(TrackedProcess process, long address, long nowNanos) {
        Mappings mappings = process.mappings();
        int index = mappings.find(address);
        if (index < 0 && processes.refreshMappings(process, nowNanos)) {
            mappings = process.mappings();
            index = mappings.find(address);
        }
        if (index < 0) {
            Frame compiled = jit.frame(process, address, nowNanos);
            expanded.add(compiled == null ? UNMAPPED : compiled);
            return;
        }
        MappedFile file = mappings.file(index);
        if (file.path().equals("[vdso]")) {
            expanded.add(vdso.frame(address - mappings.start(index)));
            return;
        }
        Executable executable = processes.executable(process, index);
        if (executable != null) {
            long offset = mappings.fileOffset(index, address);
            Collections.addAll(expanded, inExecutable(executable, offset));
            return;
        }
        Frame compiled = jit.frame(process, address, nowNanos);
        expanded.add(compiled != null ? compiled : unnamed(file, mappings, index, address));
    }

    private Frame[] inExecutable(Executable executable, long fileOffset) {
        Object names = executable.names();
        Frame[] known = cache.get(names, fileOffset);
        if (known != null) {
            return known;
        }
        OptionalLong address = executable.virtualAddress(fileOffset);
        Frame[] frames =
                address.isPresent()
                        ? executable.frames(address.getAsLong()).toArray(new Frame[0])
                        : new Frame[] {
                            unnamed(executable.fileName(), executable.buildId(), fileOffset)
                        };
        return cache.put(names, fileOffset, frames);
    }

    private static Frame unnamed(MappedFile file, Mappings mappings, int index, long address) {
        if (file.isFile()) {
            return unnamed(file.name(), "", mappings.fileOffset(index, address));
        }
        String name = file.isAnonymous() ? "[anon]" : file.name();
        return unnamed(name, "", (address - mappings.start(index)) & PAGE_MASK);
    }

    private static Frame unnamed(String file, String buildId, long address) {
        String name = file + "+0x" + Long.toHexString(address);
        return new Frame(name, "", 0, file, buildId, address, FrameKind.NATIVE, false);
    }
}
