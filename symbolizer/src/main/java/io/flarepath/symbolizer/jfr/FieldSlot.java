package io.flarepath.symbolizer.jfr;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Fields of events and pooled values that we read; all others are skipped. */
enum FieldSlot {
    START_TIME("startTime"),
    DURATION("duration"),
    THREAD("eventThread"),
    SAMPLED_THREAD("sampledThread"),
    STACK_TRACE("stackTrace"),
    STATE("state"),
    SAMPLES("samples"),
    ALLOCATION_SIZE("allocationSize"),
    TLAB_SIZE("tlabSize"),
    WEIGHT("weight"),
    SIZE("size"),
    OBJECT_SIZE("objectSize"),
    SAMPLING_PERIOD("samplingPeriod"),
    FAILED("failed"),
    CONTEXT_ID("contextId"),
    SPAN_ID("spanId"),
    TRACE_ID_HIGH("traceIdHigh"),
    TRACE_ID_LOW("traceIdLow"),
    ID("id"),
    NAME("name"),
    VALUE("value"),
    STRING("string"),
    TYPE("type"),
    DESCRIPTOR("descriptor"),
    METHOD("method"),
    LINE_NUMBER("lineNumber"),
    DESCRIPTION("description"),
    OS_NAME("osName"),
    OS_THREAD_ID("osThreadId"),
    JAVA_NAME("javaName");

    private static final Map<String, FieldSlot> BY_NAME = new HashMap<>();

    static {
        for (FieldSlot slot : values()) {
            BY_NAME.put(slot.field, slot);
        }
    }

    private final String field;

    FieldSlot(String field) {
        this.field = field;
    }

    static @Nullable FieldSlot of(String field) {
        return BY_NAME.get(field);
    }
}
