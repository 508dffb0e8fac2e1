package io.flarepath.api.query.connect;

import io.flarepath.api.query.connect.RequestSchema.Kind;

/** The requests of querier.v1, settings.v1 and adhocprofiles.v1 (Pyroscope, api). */
final class RequestSchemas {
    static final RequestSchema EMPTY = new RequestSchema();

    static final RequestSchema PROFILE_TYPES =
            new RequestSchema().with(1, "start", Kind.NUMBER).with(2, "end", Kind.NUMBER);

    static final RequestSchema LABEL_VALUES =
            new RequestSchema()
                    .with(1, "name", Kind.TEXT)
                    .texts(2, "matchers")
                    .with(3, "start", Kind.NUMBER)
                    .with(4, "end", Kind.NUMBER);

    static final RequestSchema LABEL_NAMES =
            new RequestSchema()
                    .texts(1, "matchers")
                    .with(2, "start", Kind.NUMBER)
                    .with(3, "end", Kind.NUMBER);

    static final RequestSchema SERIES =
            new RequestSchema()
                    .texts(1, "matchers")
                    .texts(2, "labelNames")
                    .with(3, "start", Kind.NUMBER)
                    .with(4, "end", Kind.NUMBER);

    private static final RequestSchema STACK_TRACE_SELECTOR =
            new RequestSchema()
                    .messages(1, "callSite", new RequestSchema().with(1, "name", Kind.TEXT))
                    .message(
                            2,
                            "goPgo",
                            new RequestSchema()
                                    .with(1, "keepLocations", Kind.NUMBER)
                                    .with(2, "aggregateCallees", Kind.BOOL))
                    .refusing(StackSelection::unknown);

    static final RequestSchema MERGE_STACKTRACES =
            new RequestSchema()
                    .with(1, "profileTypeID", Kind.TEXT)
                    .with(2, "labelSelector", Kind.TEXT)
                    .with(3, "start", Kind.NUMBER)
                    .with(4, "end", Kind.NUMBER)
                    .with(5, "maxNodes", Kind.NUMBER)
                    .with(6, "format", Kind.NUMBER)
                    .message(7, "stackTraceSelector", STACK_TRACE_SELECTOR)
                    .texts(8, "profileIdSelector")
                    .message(
                            9,
                            "async",
                            new RequestSchema()
                                    .with(1, "requestId", Kind.TEXT)
                                    .with(2, "type", Kind.NUMBER))
                    .texts(10, "traceIdSelector")
                    .texts(11, "spanSelector");

    static final RequestSchema MERGE_SPAN_PROFILE =
            new RequestSchema()
                    .with(1, "profileTypeID", Kind.TEXT)
                    .with(2, "labelSelector", Kind.TEXT)
                    .texts(3, "spanSelector")
                    .with(4, "start", Kind.NUMBER)
                    .with(5, "end", Kind.NUMBER)
                    .with(6, "maxNodes", Kind.NUMBER)
                    .with(7, "format", Kind.NUMBER);

    static final RequestSchema MERGE_PROFILE =
            new RequestSchema()
                    .with(1, "profileTypeID", Kind.TEXT)
                    .with(2, "labelSelector", Kind.TEXT)
                    .with(3, "start", Kind.NUMBER)
                    .with(4, "end", Kind.NUMBER)
                    .with(5, "maxNodes", Kind.NUMBER)
                    .message(6, "stackTraceSelector", STACK_TRACE_SELECTOR)
                    .texts(7, "profileIdSelector")
                    .texts(8, "traceIdSelector");

    static final RequestSchema SELECT_SERIES =
            new RequestSchema()
                    .with(1, "profileTypeID", Kind.TEXT)
                    .with(2, "labelSelector", Kind.TEXT)
                    .with(3, "start", Kind.NUMBER)
                    .with(4, "end", Kind.NUMBER)
                    .texts(5, "groupBy")
                    .with(6, "step", Kind.DOUBLE)
                    .with(7, "aggregation", Kind.NUMBER)
                    .message(8, "stackTraceSelector", STACK_TRACE_SELECTOR)
                    .with(9, "limit", Kind.NUMBER)
                    .with(10, "exemplarType", Kind.NUMBER);

    static final RequestSchema SELECT_HEATMAP =
            new RequestSchema()
                    .with(1, "profileTypeID", Kind.TEXT)
                    .with(2, "labelSelector", Kind.TEXT)
                    .with(3, "start", Kind.NUMBER)
                    .with(4, "end", Kind.NUMBER)
                    .with(5, "step", Kind.DOUBLE)
                    .texts(6, "groupBy")
                    .with(7, "queryType", Kind.NUMBER)
                    .with(8, "exemplarType", Kind.NUMBER)
                    .with(9, "limit", Kind.NUMBER);

    static final RequestSchema DIFF =
            new RequestSchema()
                    .message(1, "left", MERGE_STACKTRACES)
                    .message(2, "right", MERGE_STACKTRACES);

    static final RequestSchema ANALYZE_QUERY =
            new RequestSchema()
                    .with(2, "start", Kind.NUMBER)
                    .with(3, "end", Kind.NUMBER)
                    .with(4, "query", Kind.TEXT);

    static final RequestSchema SET_SETTING =
            new RequestSchema()
                    .message(
                            1,
                            "setting",
                            new RequestSchema()
                                    .with(1, "name", Kind.TEXT)
                                    .with(2, "value", Kind.TEXT)
                                    .with(3, "modifiedAt", Kind.NUMBER));

    static final RequestSchema DELETE_SETTING = new RequestSchema().with(1, "name", Kind.TEXT);

    static final RequestSchema UPLOAD_PROFILE =
            new RequestSchema()
                    .with(1, "name", Kind.TEXT)
                    .with(2, "profile", Kind.TEXT)
                    .with(3, "maxNodes", Kind.NUMBER);

    static final RequestSchema GET_PROFILE =
            new RequestSchema()
                    .with(1, "id", Kind.TEXT)
                    .with(2, "profileType", Kind.TEXT)
                    .with(3, "maxNodes", Kind.NUMBER);

    static final RequestSchema DIFF_PROFILES =
            new RequestSchema()
                    .with(1, "leftId", Kind.TEXT)
                    .with(2, "rightId", Kind.TEXT)
                    .with(3, "profileType", Kind.TEXT)
                    .with(4, "maxNodes", Kind.NUMBER);

    static final RequestSchema DELETE_PROFILE = new RequestSchema().with(1, "id", Kind.TEXT);

    private RequestSchemas() {}
}
