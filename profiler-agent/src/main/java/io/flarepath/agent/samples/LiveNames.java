package io.flarepath.agent.samples;

import io.flarepath.symbolizer.Frame;
import io.flarepath.symbolizer.FrameKind;
import io.flarepath.symbolizer.live.KernelSymbols;
import io.flarepath.symbolizer.live.Vdso;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Names of this kernel's functions and of its vDSO, kept up to date between windows. */
final class LiveNames {
    private static final Logger LOG = LoggerFactory.getLogger(LiveNames.class);

    /** How often modules are looked at, and how often all is read for addresses without a name. */
    private static final long MODULES_NANOS = 60_000_000_000L;

    private static final long REREAD_NANOS = 300_000_000_000L;

    private final @Nullable KernelSymbols kernel;
    private final Vdso vdso;
    private boolean unknownSeen;
    private long checkedNanos;
    private long readNanos;

    private LiveNames(@Nullable KernelSymbols kernel, Vdso vdso, long nowNanos) {
        this.kernel = kernel;
        this.vdso = vdso;
        this.checkedNanos = nowNanos;
        this.readNanos = nowNanos;
    }

    /** Reads what can be read; says in the log what cannot, and what that costs. */
    static LiveNames load(long nowNanos) {
        KernelSymbols kernel = null;
        try {
            kernel = KernelSymbols.load();
            kernel.problem().ifPresent(p -> LOG.warn("kernel frames have no names: {}", p));
        } catch (IOException e) {
            LOG.warn("kernel frames have no names: {}", e.toString());
        }
        Vdso vdso;
        try {
            vdso = Vdso.ofThisProcess();
        } catch (IOException e) {
            LOG.warn("frames in the vDSO have no names: {}", e.toString());
            vdso = Vdso.unknown();
        }
        return new LiveNames(kernel, vdso, nowNanos);
    }

    Frame kernelFrame(long address) {
        if (kernel == null) {
            String name = "[kernel]+0x" + Long.toHexString(address);
            return new Frame(name, "", 0, "[kernel]", "", address, FrameKind.KERNEL, false);
        }
        unknownSeen |= !kernel.knows(address);
        return kernel.frame(address);
    }

    Frame vdsoFrame(long offset) {
        return vdso.frame(offset);
    }

    /** Reads kernel symbols again where that may help; gives whether names have changed. */
    boolean refresh(long nowNanos) {
        if (kernel == null || nowNanos - checkedNanos < MODULES_NANOS) {
            return false;
        }
        checkedNanos = nowNanos;
        try {
            if (unknownSeen && nowNanos - readNanos >= REREAD_NANOS) {
                unknownSeen = false;
                readNanos = nowNanos;
                kernel.refresh();
                return true;
            }
            return kernel.refreshIfModulesChanged();
        } catch (IOException e) {
            LOG.warn("kernel symbols cannot be read again: {}", e.toString());
            return false;
        }
    }
}
