package io.flarepath.store.profile;

/** What kind of code a frame runs, for colouring and classing. Stored by {@link #code()}. */
public enum FrameKind {
    UNKNOWN(0, ""),
    KERNEL(1, "kernel"),
    NATIVE(2, "native"),
    GO(3, "go"),
    RUST(4, "rust"),
    JVM(5, "jvm"),
    PYTHON(6, "cpython"),
    NODE(7, "v8js"),
    RUBY(8, "ruby"),
    PHP(9, "php"),
    PERL(10, "perl"),
    DOTNET(11, "dotnet"),
    BEAM(12, "beam"),
    LUA(13, "luajit"),
    /** A typed truncation, named {@code [reason]}; stands at the root end of its stack. */
    ERROR(14, "error");

    private final int code;
    private final String otelName;

    FrameKind(int code, String otelName) {
        this.code = code;
        this.otelName = otelName;
    }

    /** The stable number that is written to disk. */
    public int code() {
        return code;
    }

    /** The value of OpenTelemetry's {@code profile.frame.type}; empty for {@link #UNKNOWN}. */
    public String otelName() {
        return otelName;
    }

    /** The kind stored under a number; {@link #UNKNOWN} for a number of a later version. */
    public static FrameKind ofCode(int code) {
        for (FrameKind kind : values()) {
            if (kind.code == code) {
                return kind;
            }
        }
        return UNKNOWN;
    }

    /** The kind that OpenTelemetry calls {@code name}; {@link #UNKNOWN} for any other text. */
    public static FrameKind ofOtelName(String name) {
        for (FrameKind kind : values()) {
            if (kind.otelName.equals(name)) {
                return kind;
            }
        }
        return UNKNOWN;
    }
}
