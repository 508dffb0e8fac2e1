package io.flarepath.config;

import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The catalogue of settings: everything that can be configured, for both processes. The page {@code
 * docs/configuration.md} lists exactly this, which a test holds.
 */
public enum Setting {
    LISTEN(
            "listen",
            ValueKind.ADDRESS,
            "127.0.0.1:4040",
            UsedBy.SERVER,
            "Where the server takes profiles and queries and serves the page."),
    OTLP_GRPC_LISTEN(
            "otlp.grpc.listen",
            ValueKind.OPTIONAL_ADDRESS,
            "127.0.0.1:4317",
            UsedBy.SERVER,
            "A second address for OTLP, where its clients send over gRPC by default. Empty: none."),
    OTLP_HTTP_LISTEN(
            "otlp.http.listen",
            ValueKind.OPTIONAL_ADDRESS,
            "127.0.0.1:4318",
            UsedBy.SERVER,
            "The same for OTLP over HTTP. OTLP is taken on `listen` too, both ways."),
    DATA(
            "data",
            ValueKind.PATH,
            Machine.STATE_DEFAULT,
            UsedBy.BOTH,
            "The folder under which everything is kept."),
    RETENTION(
            "retention",
            ValueKind.DURATION,
            Bounds.of(3_600_000L, 3650L * 86_400_000L),
            "7d",
            UsedBy.SERVER,
            "How long profiles are kept one by one."),
    RETENTION_TENANTS(
            "retention.tenants",
            ValueKind.DURATIONS,
            Bounds.of(3_600_000L, 36_500L * 86_400_000L),
            "",
            UsedBy.SERVER,
            "From what age on all of a tenant is dropped, sums too; others follow the settings above and below."),
    RETENTION_EXEMPLARS(
            "retention.exemplars",
            ValueKind.DURATION,
            Bounds.of(3_600_000L, 3650L * 86_400_000L),
            "1d",
            UsedBy.SERVER,
            "How long it is kept what was measured of single spans; not longer than `retention`."),
    RETENTION_FINE(
            "retention.fine",
            ValueKind.DURATION,
            Bounds.of(600_000L, 3650L * 86_400_000L),
            "1h",
            UsedBy.SERVER,
            "How long it is kept when, to a tenth of a second, and in which thread samples were taken; not longer than `retention`."),
    RETENTION_CALLS(
            "retention.calls",
            ValueKind.DURATION,
            Bounds.of(3_600_000L, 3650L * 86_400_000L),
            "1d",
            UsedBy.SERVER,
            "How long calls (spans) are kept."),
    CALLS_SIZE(
            "calls.size",
            ValueKind.BYTES,
            Bounds.of(1L << 20, 1L << 50),
            "1GiB",
            UsedBy.SERVER,
            "Disk that calls may take; then the oldest go first."),
    STORE_SIZE(
            "store.size",
            ValueKind.BYTES,
            Bounds.of(64L << 20, 1L << 50),
            "1TiB",
            UsedBy.SERVER,
            "Disk that all of it may take; then the oldest go first: calls, then profiles and metrics,"
                    + " then sums."),
    STORE_EXEMPLARS(
            "store.exemplars",
            ValueKind.BYTES,
            Bounds.of(1L << 20, 1L << 50),
            "1GiB",
            UsedBy.SERVER,
            "How much is kept of what was measured of single spans; then the oldest of it go first."),
    STORE_FINE(
            "store.fine",
            ValueKind.BYTES,
            Bounds.of(1L << 20, 1L << 50),
            "256MiB",
            UsedBy.SERVER,
            "How much is kept of when and in which thread samples were taken; then the oldest of it go first."),
    ROLLUPS_TEN_MINUTES(
            "rollups.ten-minutes",
            ValueKind.DURATION,
            Bounds.of(3_600_000L, 36_500L * 86_400_000L),
            "30d",
            UsedBy.SERVER,
            "How long sums of 10 minutes are kept; at least as long as `retention`."),
    ROLLUPS_TWO_HOURS(
            "rollups.two-hours",
            ValueKind.DURATION,
            Bounds.of(3_600_000L, 36_500L * 86_400_000L),
            "180d",
            UsedBy.SERVER,
            "How long sums of 2 hours are kept; at least as long as those of 10 minutes."),
    ROLLUPS_DAYS(
            "rollups.days",
            ValueKind.DURATION,
            Bounds.of(3_600_000L, 36_500L * 86_400_000L),
            "1095d",
            UsedBy.SERVER,
            "How long sums of a day are kept; at least as long as those of 2 hours."),
    ROLLUPS_GROUPS(
            "rollups.groups",
            ValueKind.LABEL_GROUPS,
            "",
            UsedBy.SERVER,
            "Labels by whose values series of a service are summed up together as well, at most 4 times at most 4:"
                    + " `namespace,region+version`. Questions that take all of one value need no single series then."),
    DURABILITY(
            "durability",
            ValueKind.CHOICE,
            "os",
            UsedBy.SERVER,
            "What an acknowledged profile survives: `os` a killed server, `sync` a power cut too.",
            "os|sync"),
    ACCEPT_LOSS(
            "accept-loss",
            ValueKind.FLAG,
            "false",
            UsedBy.SERVER,
            "Whether a log that is damaged in the middle is cut there, a copy kept, and not refused."),
    BACKUP_REMOTE(
            "backup.remote",
            ValueKind.FLAG,
            "false",
            UsedBy.SERVER,
            "Whether others than this machine may fetch a backup, which holds the data of all tenants."),
    SELF_PROFILING(
            "self-profiling",
            ValueKind.FLAG,
            "false",
            UsedBy.SERVER,
            "Whether the server profiles itself, as the service `flarepath-server`; kept by itself unless"
                    + " `server` says another."),
    MULTITENANCY(
            "multitenancy",
            ValueKind.FLAG,
            "false",
            UsedBy.SERVER,
            "Whether `X-Scope-OrgID` divides the data; without it all belongs to `anonymous`."),
    AUTH(
            "auth",
            ValueKind.CHOICE,
            "auto",
            UsedBy.SERVER,
            "Whether requests need a token: `auto` where there are tokens, or an address that is not"
                    + " loopback.",
            "auto|on|off"),
    AUTH_TOKENS(
            "auth.tokens",
            ValueKind.OPTIONAL_PATH,
            "",
            UsedBy.SERVER,
            "The file of the tokens, one a line: what for, tenant, token."),
    TLS_CERTIFICATE(
            "tls.certificate",
            ValueKind.OPTIONAL_PATH,
            "",
            UsedBy.SERVER,
            "PEM file of the server's certificate and its chain; with it the server speaks TLS only."),
    TLS_KEY(
            "tls.key",
            ValueKind.OPTIONAL_PATH,
            "",
            UsedBy.SERVER,
            "PEM file of that certificate's key."),
    TLS_CLIENT_CA(
            "tls.client-ca",
            ValueKind.OPTIONAL_PATH,
            "",
            UsedBy.SERVER,
            "PEM file of the authorities whose client certificates are let in; others are not then."),
    LIMITS_BODY(
            "limits.body",
            ValueKind.BYTES,
            Bounds.of(1024, 1L << 30),
            "128MiB",
            UsedBy.SERVER,
            "Longest body of a request, as it comes."),
    LIMITS_INFLATED(
            "limits.inflated",
            ValueKind.BYTES,
            Bounds.of(1024, 1L << 30),
            "128MiB",
            UsedBy.SERVER,
            "Longest body of a request, inflated."),
    LIMITS_RECORDING(
            "limits.recording",
            ValueKind.BYTES,
            Bounds.of(1024, 1L << 30),
            "1GiB",
            UsedBy.SERVER,
            "Longest JFR recording, inflated; it lies in a file while it is read."),
    LIMITS_STACK_FRAMES(
            "limits.stack-frames",
            ValueKind.INTEGER,
            Bounds.of(1, 65_536),
            "2048",
            UsedBy.SERVER,
            "Frames kept of a stack; a deeper one is cut at its leaf and marked."),
    LIMITS_STACK_REFUSED(
            "limits.stack-refused",
            ValueKind.INTEGER,
            Bounds.of(1, 1 << 20),
            "8192",
            UsedBy.SERVER,
            "Frames above which a profile is refused."),
    LIMITS_LABELS(
            "limits.labels",
            ValueKind.INTEGER,
            Bounds.of(1, 1000),
            "30",
            UsedBy.SERVER,
            "Labels of a series."),
    LIMITS_LABEL_NAME(
            "limits.label-name",
            ValueKind.INTEGER,
            Bounds.of(1, 65_536),
            "1024",
            UsedBy.SERVER,
            "Bytes of a label's name."),
    LIMITS_LABEL_VALUE(
            "limits.label-value",
            ValueKind.INTEGER,
            Bounds.of(1, 65_536),
            "2048",
            UsedBy.SERVER,
            "Bytes of a label's value."),
    LIMITS_PENDING(
            "limits.pending",
            ValueKind.INTEGER,
            Bounds.of(1, 65_536),
            "256",
            UsedBy.SERVER,
            "Ingest requests that may wait before others are answered with 429."),
    LIMITS_INGESTION_RATE(
            "limits.ingestion-rate",
            ValueKind.BYTES,
            Bounds.of(0, 1L << 40),
            "0",
            UsedBy.SERVER,
            "Bytes a second, as sent, that a tenant may send; uploads above it are answered with 429. 0: any."),
    LIMITS_INGESTION_BURST(
            "limits.ingestion-burst",
            ValueKind.BYTES,
            Bounds.of(1024, 1L << 40),
            "64MiB",
            UsedBy.SERVER,
            "Bytes by which a tenant may be ahead of that rate before it has to wait."),
    LIMITS_INGESTION_RATE_TENANTS(
            "limits.ingestion-rate.tenants",
            ValueKind.SIZES,
            Bounds.of(0, 1L << 40),
            "",
            UsedBy.SERVER,
            "The same for single tenants, which then do not follow it."),
    LIMITS_INGESTION_BURST_TENANTS(
            "limits.ingestion-burst.tenants",
            ValueKind.SIZES,
            Bounds.of(1024, 1L << 40),
            "",
            UsedBy.SERVER,
            "By how much single tenants may be ahead of their rate."),
    LIMITS_CONNECTIONS(
            "limits.connections",
            ValueKind.INTEGER,
            Bounds.of(1, 1_000_000),
            "12000",
            UsedBy.SERVER,
            "Connections that may be open at once, over all addresses; requests on further ones are answered with 503,"
                    + " and these are closed."),
    LIMITS_QUERY_NODES(
            "limits.query-nodes",
            ValueKind.INTEGER,
            Bounds.of(16, 1 << 20),
            "65536",
            UsedBy.SERVER,
            "Most nodes of one flame graph."),
    LIMITS_QUERY_ROWS(
            "limits.query-rows",
            ValueKind.INTEGER,
            Bounds.of(1, Integer.MAX_VALUE),
            "500000000",
            UsedBy.SERVER,
            "Most rows (stack and value) that are read for one answer."),
    LIMITS_QUERY_TIME(
            "limits.query-time",
            ValueKind.DURATION,
            Bounds.of(100, 86_400_000L),
            "30s",
            UsedBy.SERVER,
            "Longest time from a question to its answer."),
    LIMITS_SERIES(
            "limits.series",
            ValueKind.INTEGER,
            Bounds.of(1, 10_000_000),
            "200000",
            UsedBy.SERVER,
            "Series of a tenant; profiles of further ones count for their service alone."),
    LIMITS_AD_HOC_FILE(
            "limits.ad-hoc-file",
            ValueKind.BYTES,
            Bounds.of(1024, 64L << 20),
            "8MiB",
            UsedBy.SERVER,
            "Longest file that is taken as an ad hoc profile, as it is."),
    LIMITS_AD_HOC(
            "limits.ad-hoc",
            ValueKind.BYTES,
            Bounds.of(1024, 1L << 40),
            "128MiB",
            UsedBy.SERVER,
            "How much a tenant's ad hoc profiles may have together; further ones are answered with 429."),
    LIMITS_SYMBOL_FILE(
            "limits.symbol-file",
            ValueKind.BYTES,
            Bounds.of(1L << 20, 8L << 30),
            "512MiB",
            UsedBy.SERVER,
            "Longest debug file that is taken, as it comes and inflated."),
    LIMITS_SYMBOLS(
            "limits.symbols",
            ValueKind.BYTES,
            Bounds.of(1L << 20, 1L << 40),
            "2GiB",
            UsedBy.SERVER,
            "Disk that symbol files of pushed debug files may take, in `store-symbols` in `data`;"
                    + " then those not used for longest go first."),
    SERVER(
            "server",
            ValueKind.URL,
            "http://127.0.0.1:4040",
            UsedBy.BOTH,
            "The server to which the agent sends, and a server that profiles itself, if it is set."),
    TENANT(
            "tenant",
            ValueKind.NAME,
            Bounds.of(1, 150),
            "anonymous",
            UsedBy.BOTH,
            "The tenant that they name in `X-Scope-OrgID`."),
    CLIENT_TOKEN(
            "client.token",
            ValueKind.OPTIONAL_PATH,
            "",
            UsedBy.BOTH,
            "The file with the token that they send to the server."),
    CLIENT_CA(
            "client.ca",
            ValueKind.OPTIONAL_PATH,
            "",
            UsedBy.AGENT,
            "PEM file of the authorities that the server's certificate may be of; empty: those of the"
                    + " JVM."),
    CLIENT_CERTIFICATE(
            "client.certificate",
            ValueKind.OPTIONAL_PATH,
            "",
            UsedBy.AGENT,
            "PEM file of the certificate that the agent shows to the server."),
    CLIENT_KEY(
            "client.key",
            ValueKind.OPTIONAL_PATH,
            "",
            UsedBy.AGENT,
            "PEM file of that certificate's key, PKCS#8."),
    NODE(
            "node",
            ValueKind.TEXT,
            Bounds.of(1, 253),
            Machine.HOSTNAME_DEFAULT,
            UsedBy.AGENT,
            "The name of this machine, the label `node` of its profiles."),
    FREQUENCY(
            "frequency",
            ValueKind.INTEGER,
            Bounds.of(1, 1000),
            "97",
            UsedBy.AGENT,
            "Samples a second on each CPU."),
    WINDOW(
            "window",
            ValueKind.DURATION,
            Bounds.of(1_000, 60_000),
            "10s",
            UsedBy.AGENT,
            "How long equal stacks are folded before they are sent."),
    METRICS_LISTEN(
            "metrics.listen",
            ValueKind.OPTIONAL_ADDRESS,
            "127.0.0.1:4041",
            UsedBy.AGENT,
            "Where the agent shows its own metrics; empty means nowhere."),
    QUEUE_SIZE(
            "queue.size",
            ValueKind.BYTES,
            Bounds.of(1L << 20, 1L << 40),
            "256MiB",
            UsedBy.AGENT,
            "Disk that profiles may take while the server is away; then the oldest go first."),
    QUEUE_PATH(
            "queue.path",
            ValueKind.PATH,
            Machine.QUEUE_DEFAULT,
            UsedBy.AGENT,
            "The folder of that queue."),
    SYMBOLS_SIZE(
            "symbols.size",
            ValueKind.BYTES,
            Bounds.of(1L << 20, 1L << 40),
            "512MiB",
            UsedBy.AGENT,
            "Disk that symbol files may take, in `agent-symbols` in `data`; then those not used for"
                    + " longest go first."),
    UNWIND_SIZE(
            "unwind.size",
            ValueKind.BYTES,
            Bounds.of(1L << 20, 1L << 40),
            "128MiB",
            UsedBy.AGENT,
            "Disk that unwind tables may take, in `agent-unwind` in `data`; then those not used for"
                    + " longest go first."),
    REQUESTS(
            "requests.enabled",
            ValueKind.FLAG,
            "false",
            UsedBy.AGENT,
            "Whether requests are read from the bytes that processes send and receive over TCP."),
    REQUESTS_PAYLOAD(
            "requests.payload",
            ValueKind.FLAG,
            "true",
            UsedBy.AGENT,
            "Whether bytes are read at all: without them there are metrics of TCP and UDP, and no"
                    + " requests."),
    REQUESTS_TLS(
            "requests.tls",
            ValueKind.FLAG,
            "false",
            UsedBy.AGENT,
            "Whether requests are read that go through OpenSSL, in clear text, at its functions."
                    + " Each call of one takes longer, by up to 15 µs in a virtual machine. Without"
                    + " it TLS is counted, and not seen into."),
    REQUESTS_BUDGET(
            "requests.budget",
            ValueKind.INTEGER,
            Bounds.of(1, 100),
            "5",
            UsedBy.AGENT,
            "Percent of all CPUs that requests and the network may take, in the kernel and in the"
                    + " agent. Above that less is read, step by step, and more again later."),
    REQUESTS_RING(
            "requests.ring",
            ValueKind.BYTES,
            Bounds.of(64L << 10, 1L << 30),
            "4MiB",
            UsedBy.AGENT,
            "Memory between the kernel and the reader of requests; the next power of two is taken."),
    REQUESTS_ROUTES(
            "requests.routes",
            ValueKind.GLOBS,
            "",
            UsedBy.AGENT,
            "Routes of HTTP requests, the first that fits counts: `/users/{id}/orders`,"
                    + " `/static/**`. Other paths get templates that are learned."),
    REQUESTS_CALLS_RATE(
            "requests.calls.rate",
            ValueKind.INTEGER,
            Bounds.of(0, 1000),
            "200",
            UsedBy.AGENT,
            "Single calls that are told of in a second, at most: failed ones before slow ones before"
                    + " others. 0: none."),
    REQUESTS_CALLS_SAMPLE(
            "requests.calls.sample",
            ValueKind.INTEGER,
            Bounds.of(0, 1_000_000_000),
            "100",
            UsedBy.AGENT,
            "Of the calls that neither failed nor were slow one in so many is told of. 0: none."),
    RECORDINGS(
            "recordings",
            ValueKind.FLAG,
            "false",
            UsedBy.AGENT,
            "Whether the server may order recordings: async-profiler is then loaded into the JVM that"
                    + " somebody names."),
    RECORDINGS_CONTINUOUS(
            "recordings.continuous",
            ValueKind.RECORDED_SERVICES,
            "",
            UsedBy.AGENT,
            "Services whose JVMs are recorded all the time, and what of them, if `recordings` is"
                    + " true: `checkout:allocations,locks,pay-*:cpu`. The first that matches counts."),
    RECORDINGS_WINDOW(
            "recordings.window",
            ValueKind.DURATION,
            Bounds.of(5_000L, 600_000L),
            "1m",
            UsedBy.AGENT,
            "How long each of those recordings is; they follow one another."),
    INCLUDE_SERVICES(
            "include.services",
            ValueKind.GLOBS,
            "",
            UsedBy.AGENT,
            "Sample these services only; empty means all."),
    INCLUDE_NAMESPACES(
            "include.namespaces",
            ValueKind.GLOBS,
            "",
            UsedBy.AGENT,
            "Sample these Kubernetes namespaces only; empty means all."),
    INCLUDE_CGROUPS(
            "include.cgroups",
            ValueKind.GLOBS,
            "",
            UsedBy.AGENT,
            "Sample processes of these cgroup paths only; empty means all."),
    INCLUDE_USERS(
            "include.users",
            ValueKind.GLOBS,
            "",
            UsedBy.AGENT,
            "Sample processes of these users (names or numbers) only; empty means all."),
    EXCLUDE_SERVICES(
            "exclude.services",
            ValueKind.GLOBS,
            "",
            UsedBy.AGENT,
            "Never sample these services, whatever is included."),
    EXCLUDE_NAMESPACES(
            "exclude.namespaces",
            ValueKind.GLOBS,
            "",
            UsedBy.AGENT,
            "Never sample these Kubernetes namespaces."),
    EXCLUDE_CGROUPS(
            "exclude.cgroups",
            ValueKind.GLOBS,
            "",
            UsedBy.AGENT,
            "Never sample processes of these cgroup paths."),
    EXCLUDE_USERS(
            "exclude.users",
            ValueKind.GLOBS,
            "",
            UsedBy.AGENT,
            "Never sample processes of these users (names or numbers)."),
    LOG_LEVEL(
            "log.level",
            ValueKind.CHOICE,
            "info",
            UsedBy.BOTH,
            "The least serious messages that are logged.",
            "error|warn|info|debug|trace");

    private static final Map<String, Setting> BY_KEY =
            Stream.of(values()).collect(Collectors.toMap(Setting::key, Function.identity()));

    private static final Map<String, Setting> BY_VARIABLE =
            Stream.of(values()).collect(Collectors.toMap(Setting::variable, Function.identity()));

    private final String key;
    private final ValueKind kind;
    private final long least;
    private final long most;
    private final String defaultText;
    private final UsedBy usedBy;
    private final String sentence;
    private final String choices;

    Setting(String key, ValueKind kind, String defaultText, UsedBy usedBy, String sentence) {
        this(key, kind, defaultText, usedBy, sentence, "");
    }

    Setting(
            String key,
            ValueKind kind,
            String defaultText,
            UsedBy usedBy,
            String sentence,
            String choices) {
        this.key = key;
        this.kind = kind;
        this.least = Long.MIN_VALUE;
        this.most = Long.MAX_VALUE;
        this.defaultText = defaultText;
        this.usedBy = usedBy;
        this.sentence = sentence;
        this.choices = choices;
    }

    Setting(
            String key,
            ValueKind kind,
            Bounds bounds,
            String defaultText,
            UsedBy usedBy,
            String sentence) {
        this.key = key;
        this.kind = kind;
        this.least = bounds.least();
        this.most = bounds.most();
        this.defaultText = defaultText;
        this.usedBy = usedBy;
        this.sentence = sentence;
        this.choices = "";
    }

    /** The key in the file and after {@code --set}, with dots. */
    public String key() {
        return key;
    }

    /** The environment variable that sets it. */
    public String variable() {
        return "FLAREPATH_" + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    /** How the value is written. */
    public ValueKind kind() {
        return kind;
    }

    /** The process that reads it. */
    public UsedBy usedBy() {
        return usedBy;
    }

    /** What it is, in one sentence of Markdown. */
    public String sentence() {
        return sentence;
    }

    /** The default as it would be written, or the words that describe it. */
    String defaultText() {
        return defaultText;
    }

    /** The least value, in the unit of the kind. */
    long least() {
        return least;
    }

    /** The greatest value, in the unit of the kind. */
    long most() {
        return most;
    }

    /** The words that a choice may be, separated by a bar. */
    String choices() {
        return choices;
    }

    static Map<String, Setting> byKey() {
        return BY_KEY;
    }

    static Map<String, Setting> byVariable() {
        return BY_VARIABLE;
    }

    /** Least and greatest value, both allowed. */
    private record Bounds(long least, long most) {
        static Bounds of(long least, long most) {
            return new Bounds(least, most);
        }
    }
}
