package io.flarepath.symbolizer.live;

import io.flarepath.symbolizer.Frame;
import io.flarepath.symbolizer.FrameKind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Optional;

/**
 * Names of kernel functions, of modules and of loaded BPF programs, out of {@code /proc/kallsyms}.
 * Reading it anew never blocks those who look names up. Safe for use by several threads.
 */
public final class KernelSymbols {
    private static final int MAX_MODULES_BYTES = 4 << 20;

    private final Path kallsyms;
    private final Path modules;
    private volatile KernelSymbolTable table = KernelSymbolTable.EMPTY;
    private volatile byte[] modulesHash = new byte[0];

    private KernelSymbols(Path kallsyms, Path modules) {
        this.kallsyms = kallsyms;
        this.modules = modules;
    }

    /** Reads this kernel's symbols. */
    public static KernelSymbols load() throws IOException {
        return load(Path.of("/proc/kallsyms"), Path.of("/proc/modules"));
    }

    static KernelSymbols load(Path kallsyms, Path modules) throws IOException {
        KernelSymbols symbols = new KernelSymbols(kallsyms, modules);
        symbols.refresh();
        return symbols;
    }

    /**
     * Reads everything again, which takes about 100 ms: for addresses without a name, where BPF
     * programs may have been loaded. The caller sees to it that this happens rarely.
     */
    public synchronized void refresh() throws IOException {
        // Taken first: what is loaded while we read is then noticed at the next check.
        modulesHash = hashOfModules();
        try (InputStream in = Files.newInputStream(kallsyms)) {
            table = KernelSymbolTable.read(in);
        }
    }

    /** Reads the symbols again if modules were loaded or unloaded since the last time. */
    public synchronized boolean refreshIfModulesChanged() throws IOException {
        if (Arrays.equals(modulesHash, hashOfModules())) {
            return false;
        }
        refresh();
        return true;
    }

    /** The function at the address; {@code [kernel]+0x<address>} where no symbol covers it. */
    public Frame frame(long address) {
        KernelSymbolTable now = table;
        int row = now.find(address);
        if (row < 0) {
            String name = "[kernel]+0x" + Long.toHexString(address);
            return new Frame(name, "", 0, "[kernel]", "", address, FrameKind.KERNEL, false);
        }
        return new Frame(now.name(row), "", 0, now.module(row), "", 0, FrameKind.KERNEL, false);
    }

    /** Whether a symbol covers the address. */
    public boolean knows(long address) {
        return table.find(address) >= 0;
    }

    /** Why kernel frames have no names, fit to be shown; empty if they have. */
    public Optional<String> problem() {
        return table.problem();
    }

    /** Number of symbols. */
    public int size() {
        return table.size();
    }

    /** Heap bytes of the symbols. */
    public long bytes() {
        return table.bytes();
    }

    private byte[] hashOfModules() throws IOException {
        try (InputStream in = Files.newInputStream(modules)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return digest.digest(in.readNBytes(MAX_MODULES_BYTES));
        } catch (NoSuchFileException e) {
            return new byte[0]; // a kernel without loadable modules
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
