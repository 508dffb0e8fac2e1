package io.flarepath.agent.requests.message;

/**
 * One request and its answer while they go by. Filled by the parsers of both directions, handed
 * over once and not changed after that. Times are monotonic nanoseconds, 0 where nothing was seen;
 * sizes count all bytes of the messages, framing included, and with HTTP and gRPC those of the
 * bodies.
 */
public final class Exchange {
    /** Longest text kept of anything; what is longer is cut. */
    public static final int LONGEST_TEXT = 512;

    private final Protocol protocol;
    private CallKind kind = CallKind.UNARY;
    private String operation = "";
    private String target = "";
    private String detail = "";
    private String status = "";
    private Outcome outcome = Outcome.OK;
    private TraceIds trace = TraceIds.NONE;
    private final long requestStart;
    private final int requestThread;
    private long requestEnd;
    private long responseStart;
    private long responseEnd;
    private int responseThread;
    private long requestBytes;
    private long responseBytes;

    /**
     * A request whose first byte was seen.
     *
     * @param nanos when
     * @param thread by which thread, or 0
     */
    public Exchange(Protocol protocol, long nanos, int thread) {
        this.protocol = protocol;
        requestStart = nanos;
        requestThread = thread;
    }

    /**
     * What is asked for.
     *
     * @param newOperation HTTP method, SQL operation, Redis command, Kafka API, type of a DNS
     *     question; empty if it could not be seen
     * @param newTarget path without the values of its query, full name of an RPC method, table,
     *     topic, name looked up; empty if there is none or it could not be seen
     */
    public Exchange asks(String newOperation, String newTarget) {
        operation = cut(newOperation);
        target = cut(newTarget);
        return this;
    }

    /** More of it: HTTP host, SQL without its literals. */
    public Exchange detail(String text) {
        detail = cut(text);
        return this;
    }

    /** Sets the kind. */
    public Exchange kind(CallKind newKind) {
        kind = newKind;
        return this;
    }

    /** Ids that the request carries. */
    public Exchange trace(TraceIds ids) {
        trace = ids;
        return this;
    }

    /** What was answered: status code or error code, empty if the protocol has none. */
    public Exchange answers(String newStatus, Outcome newOutcome) {
        status = cut(newStatus);
        outcome = newOutcome;
        return this;
    }

    /** More bytes of the request. */
    public void addRequestBytes(long count) {
        requestBytes += count;
    }

    /** More bytes of the answer. */
    public void addResponseBytes(long count) {
        responseBytes += count;
    }

    /** Its last byte was seen. */
    public void requestEnded(long nanos) {
        requestEnd = nanos;
    }

    /** A byte of the answer was seen; the first one counts. */
    public void responseBegan(long nanos) {
        if (responseStart == 0) {
            responseStart = nanos;
        }
    }

    /** The last byte of the answer was seen. */
    public void responseEnded(long nanos, int thread) {
        responseEnd = nanos;
        responseThread = thread;
    }

    /** Says which protocol. */
    public Protocol protocol() {
        return protocol;
    }

    /** Whether it is counted with its latency. */
    public CallKind kind() {
        return kind;
    }

    /** See {@link #asks}. */
    public String operation() {
        return operation;
    }

    /** See {@link #asks}. */
    public String target() {
        return target;
    }

    /** See {@link #detail(String)}. */
    public String detail() {
        return detail;
    }

    /** See {@link #answers}. */
    public String status() {
        return status;
    }

    /** How it ended. */
    public Outcome outcome() {
        return outcome;
    }

    /** Ids that the request carries. */
    public TraceIds trace() {
        return trace;
    }

    /** When the first byte of the request was seen. */
    public long requestStart() {
        return requestStart;
    }

    /** When its last one was. */
    public long requestEnd() {
        return requestEnd;
    }

    /** When the first byte of the answer was seen. */
    public long responseStart() {
        return responseStart;
    }

    /** When its last one was. */
    public long responseEnd() {
        return responseEnd;
    }

    /** Thread that read (server) or wrote (client) the first byte of the request, or 0. */
    public int requestThread() {
        return requestThread;
    }

    /** Thread that wrote or read the last byte of the answer, or 0. */
    public int responseThread() {
        return responseThread;
    }

    /** Size of the request. */
    public long requestBytes() {
        return requestBytes;
    }

    /** Size of the answer. */
    public long responseBytes() {
        return responseBytes;
    }

    private static String cut(String text) {
        return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT);
    }
}
