package io.flarepath.agent.processes.labels;

import io.flarepath.symbolizer.FrameKind;

/** What runs a program: the label {@code runtime}. */
public enum RuntimeKind {
    NATIVE("native"),
    GO("go"),
    RUST("rust"),
    JVM("jvm"),
    PYTHON("python"),
    NODE("node");

    private final String label;

    RuntimeKind(String label) {
        this.label = label;
    }

    /** The label's value. */
    public String label() {
        return label;
    }

    /** The runtime whose executable or library has this file name; native if it is none. */
    public static RuntimeKind ofFile(String fileName) {
        if (fileName.equals("java") || fileName.startsWith("libjvm.so")) {
            return JVM;
        }
        if (fileName.equals("node")
                || fileName.equals("nodejs")
                || fileName.startsWith("libnode.so")) {
            return NODE;
        }
        if (fileName.startsWith("libpython") || isPython(fileName)) {
            return PYTHON;
        }
        return NATIVE;
    }

    /** The runtime of a program whose executable holds code of this kind. */
    public static RuntimeKind ofKind(FrameKind kind) {
        return switch (kind) {
            case GO -> GO;
            case RUST -> RUST;
            default -> NATIVE;
        };
    }

    /** {@code python}, {@code python3}, {@code python3.11}. */
    private static boolean isPython(String name) {
        if (!name.startsWith("python")) {
            return false;
        }
        for (int i = "python".length(); i < name.length(); i++) {
            char c = name.charAt(i);
            if (c != '.' && (c < '0' || c > '9')) {
                return false;
            }
        }
        return true;
    }
}
