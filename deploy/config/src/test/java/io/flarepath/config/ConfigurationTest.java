package io.flarepath.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationTest {
    private static final Machine ROOT = new Machine(true, "box", Path.of("/root"));
    private static final Machine USER = new Machine(false, "box", Path.of("/home/ada"));

    @TempDir Path folder;

    @Test
    void defaultsAreRecorded() throws Exception {
        Map<String, String> defaults = new TreeMap<>();
        Configuration configuration = Configuration.load(null, Map.of(), List.of(), ROOT);
        for (Setting setting : Setting.values()) {
            defaults.put(setting.key(), show(configuration, setting));
            assertThat(configuration.origin(setting)).isEqualTo("default");
        }
        assertThat(defaults)
                .containsExactlyInAnyOrderEntriesOf(
                        Map.ofEntries(
                                Map.entry("listen", "127.0.0.1:4040"),
                                Map.entry("otlp.grpc.listen", "127.0.0.1:4317"),
                                Map.entry("otlp.http.listen", "127.0.0.1:4318"),
                                Map.entry("accept-loss", "false"),
                                Map.entry("self-profiling", "false"),
                                Map.entry("data", "/var/lib/flarepath"),
                                Map.entry("retention", "PT168H"),
                                Map.entry("retention.exemplars", "PT24H"),
                                Map.entry("retention.fine", "PT1H"),
                                Map.entry("limits.ad-hoc", "134217728"),
                                Map.entry("limits.connections", "12000"),
                                Map.entry("requests.tls", "false"),
                                Map.entry("limits.ad-hoc-file", "8388608"),
                                Map.entry("store.fine", "268435456"),
                                Map.entry("retention.calls", "PT24H"),
                                Map.entry("calls.size", "1073741824"),
                                Map.entry("store.size", "1099511627776"),
                                Map.entry("store.exemplars", "1073741824"),
                                Map.entry("rollups.ten-minutes", "PT720H"),
                                Map.entry("rollups.two-hours", "PT4320H"),
                                Map.entry("rollups.days", "PT26280H"),
                                Map.entry("rollups.groups", "[]"),
                                Map.entry("durability", "os"),
                                Map.entry("backup.remote", "false"),
                                Map.entry("retention.tenants", "{}"),
                                Map.entry("multitenancy", "false"),
                                Map.entry("auth", "auto"),
                                Map.entry("auth.tokens", ""),
                                Map.entry("tls.certificate", ""),
                                Map.entry("tls.key", ""),
                                Map.entry("tls.client-ca", ""),
                                Map.entry("client.token", ""),
                                Map.entry("client.ca", ""),
                                Map.entry("client.certificate", ""),
                                Map.entry("client.key", ""),
                                Map.entry("limits.body", "134217728"),
                                Map.entry("limits.inflated", "134217728"),
                                Map.entry("limits.recording", "1073741824"),
                                Map.entry("limits.stack-frames", "2048"),
                                Map.entry("limits.stack-refused", "8192"),
                                Map.entry("limits.labels", "30"),
                                Map.entry("limits.label-name", "1024"),
                                Map.entry("limits.label-value", "2048"),
                                Map.entry("limits.pending", "256"),
                                Map.entry("limits.ingestion-rate", "0"),
                                Map.entry("limits.ingestion-burst", "67108864"),
                                Map.entry("limits.ingestion-rate.tenants", "{}"),
                                Map.entry("limits.ingestion-burst.tenants", "{}"),
                                Map.entry("limits.query-nodes", "65536"),
                                Map.entry("limits.query-rows", "500000000"),
                                Map.entry("limits.query-time", "PT30S"),
                                Map.entry("limits.series", "200000"),
                                Map.entry("limits.symbol-file", "536870912"),
                                Map.entry("limits.symbols", "2147483648"),
                                Map.entry("server", "http://127.0.0.1:4040"),
                                Map.entry("tenant", "anonymous"),
                                Map.entry("node", "box"),
                                Map.entry("frequency", "97"),
                                Map.entry("window", "PT10S"),
                                Map.entry("metrics.listen", "127.0.0.1:4041"),
                                Map.entry("queue.size", "268435456"),
                                Map.entry("queue.path", "/var/lib/flarepath/agent-queue"),
                                Map.entry("symbols.size", "536870912"),
                                Map.entry("unwind.size", "134217728"),
                                Map.entry("requests.enabled", "false"),
                                Map.entry("requests.payload", "true"),
                                Map.entry("requests.budget", "5"),
                                Map.entry("requests.calls.rate", "200"),
                                Map.entry("requests.calls.sample", "100"),
                                Map.entry("requests.ring", "4194304"),
                                Map.entry("requests.routes", "[]"),
                                Map.entry("recordings", "false"),
                                Map.entry("recordings.continuous", "RecordedServices[rules=[]]"),
                                Map.entry("recordings.window", "PT1M"),
                                Map.entry("include.services", "[]"),
                                Map.entry("include.namespaces", "[]"),
                                Map.entry("include.cgroups", "[]"),
                                Map.entry("include.users", "[]"),
                                Map.entry("exclude.services", "[]"),
                                Map.entry("exclude.namespaces", "[]"),
                                Map.entry("exclude.cgroups", "[]"),
                                Map.entry("exclude.users", "[]"),
                                Map.entry("log.level", "info")));
    }

    @Test
    void stateOfAnOrdinaryUserFollowsTheXdgSpecification() throws Exception {
        assertThat(data(USER, Map.of())).isEqualTo(Path.of("/home/ada/.local/state/flarepath"));
        assertThat(data(USER, Map.of("XDG_STATE_HOME", "/x"))).isEqualTo(Path.of("/x/flarepath"));
        assertThat(data(USER, Map.of("XDG_STATE_HOME", "x")))
                .isEqualTo(Path.of("/home/ada/.local/state/flarepath"));
        assertThat(data(ROOT, Map.of("XDG_STATE_HOME", "/x")))
                .isEqualTo(Path.of("/var/lib/flarepath"));
    }

    @Test
    void theQueueFollowsTheDataFolder() throws Exception {
        Configuration configuration =
                Configuration.load(null, Map.of(), List.of("data=~/profiles"), USER);
        assertThat(configuration.path(Setting.QUEUE_PATH))
                .isEqualTo(Path.of("/home/ada/profiles/agent-queue"));
    }

    @Test
    void everySettingIsSetByFileByVariableAndBySet() throws Exception {
        Map<Setting, String> other = otherValues();
        assertThat(other).hasSize(Setting.values().length);
        StringBuilder yaml = new StringBuilder();
        Map<String, String> environment = new HashMap<>();
        other.forEach((s, v) -> yaml.append("%s: '%s'%n".formatted(s.key(), v)));
        other.forEach((s, v) -> environment.put(s.variable(), v));
        List<String> sets =
                other.entrySet().stream().map(e -> e.getKey().key() + "=" + e.getValue()).toList();

        Configuration plain = Configuration.load(null, Map.of(), List.of(), ROOT);
        Configuration byFile = Configuration.load(file(yaml.toString()), Map.of(), List.of(), ROOT);
        Configuration byVariable = Configuration.load(null, environment, List.of(), ROOT);
        Configuration bySet = Configuration.load(null, Map.of(), sets, ROOT);
        for (Setting setting : Setting.values()) {
            String value = show(bySet, setting);
            assertThat(value).as(setting.key()).isNotEqualTo(show(plain, setting));
            assertThat(show(byFile, setting)).isEqualTo(value);
            assertThat(show(byVariable, setting)).isEqualTo(value);
            assertThat(byVariable.origin(setting)).isEqualTo(setting.variable());
            assertThat(bySet.origin(setting)).isEqualTo("--set");
        }
        assertThat(byFile.origin(Setting.FREQUENCY))
                .endsWith(
                        "flarepath.yaml:"
                                + (List.of(Setting.values()).indexOf(Setting.FREQUENCY) + 1));
    }

    @Test
    void setOverridesVariableOverridesFile() throws Exception {
        Path file = file("frequency: 1\nretention: 1d\nnode: a");
        Map<String, String> environment =
                Map.of("FLAREPATH_FREQUENCY", "2", "FLAREPATH_RETENTION", "2d");
        Configuration configuration =
                Configuration.load(file, environment, List.of("frequency=9", "frequency=3"), ROOT);
        assertThat(configuration.integer(Setting.FREQUENCY)).isEqualTo(3);
        assertThat(configuration.duration(Setting.RETENTION)).isEqualTo(Duration.ofDays(2));
        assertThat(configuration.text(Setting.NODE)).isEqualTo("a");
    }

    @Test
    void nestedAndDottedKeysAreTheSame() throws Exception {
        Configuration configuration =
                Configuration.load(
                        file(
                                """
                                limits:
                                  body: 1MiB
                                  stack-frames: 100
                                limits.labels: 40
                                exclude: {services: [a*, "b,c"], users: root}
                                include.services: x, y
                                """),
                        Map.of(),
                        List.of(),
                        ROOT);
        assertThat(configuration.bytes(Setting.LIMITS_BODY)).isEqualTo(1 << 20);
        assertThat(configuration.integer(Setting.LIMITS_STACK_FRAMES)).isEqualTo(100);
        assertThat(configuration.integer(Setting.LIMITS_LABELS)).isEqualTo(40);
        assertThat(configuration.globs(Setting.EXCLUDE_SERVICES).patterns())
                .containsExactly("a*", "b,c");
        assertThat(configuration.globs(Setting.EXCLUDE_USERS).patterns()).containsExactly("root");
        assertThat(configuration.globs(Setting.INCLUDE_SERVICES).patterns())
                .containsExactly("x", "y");
    }

    @Test
    void anEmptyFileIsNoConfiguration() throws Exception {
        for (String text : List.of("", "# nothing\n", "---\n")) {
            Configuration configuration = Configuration.load(file(text), Map.of(), List.of(), ROOT);
            assertThat(configuration.integer(Setting.FREQUENCY)).isEqualTo(97);
        }
    }

    @Test
    void allErrorsAreToldAtOnceWithSourceRuleAndCure() throws Exception {
        Path file = file("frequency: 0\nlimits:\n  boddy: 1MiB\nretention: [1d]\nfrequency: 3\n");
        Map<String, String> environment =
                Map.of(
                        "FLAREPATH_FREQUENZY", "1",
                        "FLAREPATH_WINDOW", "10",
                        "FLAREPATH_HOME", "/opt",
                        "FLAREPATH_PROFILE", "off",
                        "FLAREPATH_CONFIG", "x",
                        "FLAREPATH_JAVA_OPTS", "");
        List<String> sets = List.of("queue_size=1GiB", "server=ftp://x", "oops");
        List<String> errors = errors(file, environment, sets);
        assertThat(errors)
                .containsExactlyInAnyOrder(
                        file
                                + ":5: frequency is already set at "
                                + file
                                + ":1: remove one of the two",
                        file
                                + ":3: \"limits.boddy\" is not a setting: did you mean limits.body?"
                                + " Otherwise remove it",
                        "\"FLAREPATH_FREQUENZY\": no setting has this variable: did you mean"
                                + " FLAREPATH_FREQUENCY? Otherwise unset it",
                        "--set: \"queue_size\" is not a setting: did you mean queue.size?"
                                + " Otherwise remove it",
                        "--set \"oops\": must be key=value: write it like --set frequency=97",
                        file
                                + ":1: frequency must be a whole number from 1 to 1000: write it"
                                + " like 97; it is \"0\"",
                        file
                                + ":4: retention must be one value, not a list: write 7d; it is"
                                + " \"1d\"",
                        "FLAREPATH_WINDOW: window must be a whole number with one of the units ms,"
                                + " s, m, h, d: write it like 10s; it is \"10\"",
                        "--set: server must be an http or https URL without user, query and"
                                + " fragment: write it like http://127.0.0.1:4040; it is"
                                + " \"ftp://x\"");
    }

    @Test
    void aValueThatBreaksItsRuleIsRefused() {
        Map<String, List<String>> bad =
                Map.of(
                        "listen", List.of("", "4040", "a:b", "::1:80", "[::1]", "a:65536", "a b:1"),
                        "limits.body",
                                List.of("", "1", "-1", "2GiB", "1.5MiB", "1XiB", "99999999TiB"),
                        "retention", List.of("", "0d", "7", "7 w", "59m", "999999999999999d"),
                        "frequency", List.of("", "x", "1.0", "1001", "99999999999999999999"),
                        "multitenancy", List.of("", "yes", "1"),
                        "durability", List.of("", "none"),
                        "server",
                                List.of("", "http://", "http://u@h", "http://h/?q", "x y", "h:80"),
                        "node", List.of("", "a\nb", "n".repeat(254)),
                        "tenant", List.of("", "a|b", "a b"),
                        "data", List.of("", "relative", "a\0b"));
        bad.forEach((key, values) ->
                values.forEach(value ->
                        assertThat(errors(null, Map.of(), List.of(key + "=" + value)))
                                .as(key + "=" + value)
                                .singleElement()
                                .asString()
                                .startsWith("--set: " + key + " must be ")
                                .doesNotContain("\n")));
    }

    @Test
    void labelGroupsAreFewAndDifferent() throws Exception {
        for (String value :
                List.of("a+", "a b", "service_name", "a,a", "a+b+c+d+e", "a,b,c,d,e", "b+a,a+b")) {
            assertThat(errors(null, Map.of(), List.of("rollups.groups=" + value)))
                    .as(value)
                    .singleElement()
                    .asString()
                    .startsWith("--set: rollups.groups must be at most 4 ");
        }
        assertThat(
                        Configuration.load(
                                        null,
                                        Map.of(),
                                        List.of("rollups.groups=version + service_name+region, a"),
                                        ROOT)
                                .labelGroups(Setting.ROLLUPS_GROUPS))
                .containsExactly(List.of("region", "version"), List.of("a"));
    }

    @Test
    void unitsAreUnderstood() throws Exception {
        assertThat(queueSize("1048576")).isEqualTo(1 << 20);
        assertThat(queueSize("2097152B")).isEqualTo(2 << 20);
        assertThat(queueSize("2048 KiB")).isEqualTo(2 << 20);
        assertThat(queueSize("3MB")).isEqualTo(3_000_000);
        assertThat(queueSize("1TiB")).isEqualTo(1L << 40);
        assertThat(window("1500ms")).isEqualTo(Duration.ofMillis(1500));
        assertThat(window("1m")).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void aServerBehindAPathKeepsIt() throws Exception {
        Configuration configuration =
                Configuration.load(null, Map.of(), List.of("server=https://h/p//"), ROOT);
        assertThat(configuration.url(Setting.SERVER)).isEqualTo(URI.create("https://h/p"));
    }

    @Test
    void settingsThatContradictEachOtherAreRefused() {
        assertThat(errors(null, Map.of(), List.of("limits.stack-refused=10")))
                .singleElement()
                .asString()
                .isEqualTo(
                        "--set: limits.stack-refused must not be below limits.stack-frames; they"
                                + " are 10 and 2048: raise the first or lower the second");
    }

    @Test
    void aFileThatIsNoConfigurationIsRefusedWithItsLine() throws Exception {
        assertThat(errors(file("a: [1\nb: 2")))
                .allMatch(e -> e.contains("flarepath.yaml:2: is not"));
        assertThat(errors(file("- a"))).singleElement().asString().contains(":1: must hold keys");
        assertThat(errors(file("just text"))).singleElement().asString().contains(":1: must hold");
        assertThat(errors(file("a: 1\n---\nb: 2"))).singleElement().asString().contains("not YAML");
        assertThat(errors(file("[a]: 1")))
                .singleElement()
                .asString()
                .contains("must be plain text");
        assertThat(errors(file("a: &x {b: *x}"))).hasSize(1);
        assertThat(errors(file("frequency: [[1]]"))).singleElement().asString().contains("nest");
        assertThat(errors(file("a".repeat(1 << 20) + ": 1")))
                .singleElement()
                .asString()
                .contains("limit of 1 MiB");
        Path latin = Files.write(folder.resolve("latin.yaml"), new byte[] {'a', (byte) 0xE4});
        assertThat(errors(latin)).singleElement().asString().contains("must be UTF-8");
        assertThat(errors(folder.resolve("none.yaml")))
                .singleElement()
                .asString()
                .contains("cannot be read");
        assertThat(errors(folder)).singleElement().asString().contains("cannot be read");
    }

    @Test
    void aGetterOfAnotherKindIsAProgrammingError() throws Exception {
        Configuration configuration = Configuration.load(null, Map.of(), List.of(), ROOT);
        assertThatThrownBy(() -> configuration.text(Setting.FREQUENCY))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("frequency is of kind integer");
    }

    @Test
    void thisMachineHasDefaultsToo() throws Exception {
        Configuration configuration = Configuration.load(null, Map.of(), List.of());
        assertThat(configuration.text(Setting.NODE)).isNotBlank();
        assertThat(configuration.path(Setting.DATA)).isAbsolute();
    }

    private List<String> errors(Path file) {
        return errors(file, Map.of(), List.of());
    }

    private static List<String> errors(
            @Nullable Path file, Map<String, String> env, List<String> sets) {
        ConfigurationException e =
                catchThrowableOfType(
                        ConfigurationException.class,
                        () -> Configuration.load(file, env, sets, ROOT));
        assertThat(e).as("expected errors").isNotNull();
        return e.errors();
    }

    private Path file(String yaml) throws Exception {
        return Files.writeString(folder.resolve("flarepath.yaml"), yaml);
    }

    private static Path data(Machine machine, Map<String, String> environment) throws Exception {
        return Configuration.load(null, environment, List.of(), machine).path(Setting.DATA);
    }

    private static long queueSize(String text) throws Exception {
        return Configuration.load(null, Map.of(), List.of("queue.size=" + text), ROOT)
                .bytes(Setting.QUEUE_SIZE);
    }

    private static Duration window(String text) throws Exception {
        return Configuration.load(null, Map.of(), List.of("window=" + text), ROOT)
                .duration(Setting.WINDOW);
    }

    @Test
    void settingsThatNeedEachOtherComeTogether() {
        assertErrors(List.of("tls.certificate=/a.pem"), "tls.certificate needs tls.key beside it");
        assertErrors(List.of("client.key=/a.pem"), "client.key needs client.certificate beside it");
        assertErrors(List.of("tls.client-ca=/a.pem"), "tls.client-ca needs tls.certificate");
        assertErrors(List.of("auth=on"), "auth: on needs tokens");
    }

    private static void assertErrors(List<String> sets, String error) {
        assertThatThrownBy(() -> Configuration.load(null, Map.of(), sets, ROOT))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(error);
    }

    private static Map<Setting, String> otherValues() {
        Map<Setting, String> other = new EnumMap<>(Setting.class);
        for (Setting setting : Setting.values()) {
            other.put(
                    setting,
                    switch (setting.kind()) {
                        case TEXT, NAME -> "other";
                        case CHOICE ->
                                setting.choices()
                                        .substring(setting.choices().indexOf('|') + 1)
                                        .replaceAll("\\|.*", "");
                        case ADDRESS, OPTIONAL_ADDRESS -> "[::1]:5000";
                        case URL -> "https://profiles.example:8443";
                        case BYTES -> setting == Setting.STORE_SIZE ? "2GiB" : "2MiB";
                        case DURATION -> setting.most() < 43_200_000L ? "5s" : "12h";
                        case INTEGER -> setting == Setting.LIMITS_STACK_REFUSED ? "9000" : "29";
                        case FLAG -> setting == Setting.REQUESTS_PAYLOAD ? "false" : "true";
                        case GLOBS -> "a*,b?";
                        case RECORDED_SERVICES -> "a*:cpu,locks,b?:wall";
                        case DURATIONS -> "a=2h, b=3d";
                        case LABEL_GROUPS -> "version+service_name+region,namespace";
                        case SIZES -> "a=2KiB, b=3MiB";
                        case PATH, OPTIONAL_PATH -> "/srv/" + setting.key();
                    });
        }
        return other;
    }

    private static String show(Configuration configuration, Setting setting) {
        return switch (setting.kind()) {
            case TEXT, NAME, CHOICE -> configuration.text(setting);
            case ADDRESS -> configuration.address(setting).toString();
            case OPTIONAL_ADDRESS -> {
                Optional<Address> address = configuration.optionalAddress(setting);
                yield address.map(Address::toString).orElse("");
            }
            case URL -> configuration.url(setting).toString();
            case BYTES -> Long.toString(configuration.bytes(setting));
            case DURATION -> configuration.duration(setting).toString();
            case INTEGER -> Integer.toString(configuration.integer(setting));
            case FLAG -> Boolean.toString(configuration.flag(setting));
            case GLOBS -> configuration.globs(setting).patterns().toString();
            case RECORDED_SERVICES -> configuration.recordedServices(setting).toString();
            case DURATIONS -> configuration.durations(setting).toString();
            case LABEL_GROUPS -> configuration.labelGroups(setting).toString();
            case SIZES -> configuration.sizes(setting).toString();
            case PATH -> configuration.path(setting).toString();
            case OPTIONAL_PATH ->
                    configuration.optionalPath(setting).map(Path::toString).orElse("");
        };
    }
}
