package io.flarepath.api.ingest.pprof;

import io.flarepath.store.profile.FrameKind;

/** Guesses the kind of code of a pprof's frame, where the guess is certain. */
final class FrameKinds {
    private static final int LONGEST_SUFFIX = 6;

    private FrameKinds() {}

    static FrameKind of(String mapping, String file, FrameKind bySpy) {
        if (mapping.startsWith("[kernel") || mapping.equals("[guest.kernel.kallsyms]")) {
            return FrameKind.KERNEL;
        }
        FrameKind byFile = byFile(file);
        return byFile != FrameKind.UNKNOWN ? byFile : bySpy;
    }

    private static FrameKind byFile(String file) {
        int dot = file.lastIndexOf('.');
        if (dot < 0 || file.length() - dot > LONGEST_SUFFIX) {
            return FrameKind.UNKNOWN;
        }
        return switch (file.substring(dot + 1)) {
            case "go" -> FrameKind.GO;
            case "rs" -> FrameKind.RUST;
            case "py" -> FrameKind.PYTHON;
            case "rb" -> FrameKind.RUBY;
            case "php" -> FrameKind.PHP;
            case "java", "kt", "scala" -> FrameKind.JVM;
            case "c", "cc", "cpp", "cxx", "h", "hpp" -> FrameKind.NATIVE;
            default -> FrameKind.UNKNOWN;
        };
    }

    /** What a client sends whose files do not tell. */
    static FrameKind bySpy(String spyName) {
        return switch (spyName) {
            case "gospy" -> FrameKind.GO;
            case "pyspy" -> FrameKind.PYTHON;
            case "rbspy" -> FrameKind.RUBY;
            case "phpspy" -> FrameKind.PHP;
            case "nodespy" -> FrameKind.NODE;
            case "javaspy" -> FrameKind.JVM;
            case "dotnetspy" -> FrameKind.DOTNET;
            default -> FrameKind.UNKNOWN;
        };
    }
}
