package io.flarepath.symbolizer;

/**
 * What kind of code a frame runs. The name is the value of OpenTelemetry's {@code
 * profile.frame.type}, with {@code error} for a typed truncation.
 */
public enum FrameKind {
    KERNEL("kernel"),
    NATIVE("native"),
    GO("go"),
    RUST("rust"),
    JVM("jvm"),
    PYTHON("cpython"),
    NODE("v8js"),
    DOTNET("dotnet"),
    /** A typed truncation, named {@code [reason]}; stands at the root end of its stack. */
    ERROR("error");

    private final String otelName;

    FrameKind(String otelName) {
        this.otelName = otelName;
    }

    /** The value of {@code profile.frame.type}. */
    public String otelName() {
        return otelName;
    }
}
