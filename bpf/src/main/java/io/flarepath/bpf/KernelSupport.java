package io.flarepath.bpf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What this kernel gives to this process: found out by trying, for {@code flarepath doctor}. */
public final class KernelSupport {
    private static final Path STATUS = Path.of("/proc/self/status");

    private KernelSupport() {}

    /**
     * Tries everything; takes well under a second and leaves nothing behind. What is refused is a
     * row that says so, never an exception.
     *
     * @throws UnsupportedOperationException on another system than Linux on x86-64
     * @throws BpfException where the native library cannot be loaded
     */
    public static List<Capability> probe() {
        NativeLibrary.load();
        List<Capability> rows = new ArrayList<>();
        for (KernelFeature feature : KernelFeature.values()) {
            rows.add(feature.probe());
        }
        rows.add(lockUp(KernelVersion.running()));
        rows.addAll(held());
        return List.copyOf(rows);
    }

    /** Whether the version of the kernel is free of a known fault. */
    static Capability lockUp(KernelVersion kernel) {
        String fault = kernel.mayLockUp() ? " is one of 5.19 to 6.1.35 or 6.2 to 6.3.9" : "";
        return new Capability(
                "user memory readable without a lock-up",
                !kernel.mayLockUp(),
                "Linux " + kernel + fault,
                "sampling is refused: it could stop the machine");
    }

    private static List<Capability> held() {
        List<Capability> rows = new ArrayList<>();
        try {
            long effective = effective(Files.readString(STATUS));
            for (LinuxCapability capability : LinuxCapability.values()) {
                rows.add(capability.in(effective));
            }
        } catch (IOException | IllegalArgumentException e) {
            rows.add(
                    new Capability(
                            "Linux capabilities", false, "cannot read " + STATUS + ": " + e, ""));
        }
        return rows;
    }

    /** The effective capabilities in a status file, a bit for each number. */
    static long effective(String status) {
        return status.lines()
                .filter(line -> line.startsWith("CapEff:"))
                .map(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no line CapEff"));
    }
}
