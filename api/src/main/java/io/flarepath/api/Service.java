package io.flarepath.api;

import io.flarepath.api.agents.Agents;
import io.flarepath.api.backup.BackupRoutes;
import io.flarepath.api.ingest.IngestRoutes;
import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.api.query.QueryRoutes;
import io.flarepath.api.query.connect.AdHocLimits;
import io.flarepath.api.query.connect.AdHocRoutes;
import io.flarepath.api.query.request.QueryLimits;
import io.flarepath.api.server.Access;
import io.flarepath.api.server.ApiServer;
import io.flarepath.api.server.BlockingCalls;
import io.flarepath.api.server.BodyReader;
import io.flarepath.api.server.ConnectionRules;
import io.flarepath.api.server.IngestBudgets;
import io.flarepath.api.server.IngestBudgets.Budget;
import io.flarepath.api.server.Limits;
import io.flarepath.api.server.ServerOptions;
import io.flarepath.api.server.TlsFiles;
import io.flarepath.api.symbols.PushedSymbols;
import io.flarepath.api.symbols.SymbolRoutes;
import io.flarepath.config.Address;
import io.flarepath.config.Configuration;
import io.flarepath.config.Setting;
import io.flarepath.store.Durability;
import io.flarepath.store.RocksDbProfileStore;
import io.flarepath.store.StoreOptions;
import io.flarepath.store.retention.Ages;
import java.net.BindException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The whole service, from its configuration: store, server, and all routes. */
public final class Service implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Service.class);

    /** One is compiled; more than a few that wait are not worth the disk. */
    private static final int WAITING_SYMBOLS = 4;

    /** Ad hoc profiles are read one at a time, too: each may hold a good part of the heap. */
    private static final int WAITING_FILES = 16;

    private final ApiServer server;
    private final PushedSymbols symbols;
    private final BlockingCalls compilations;
    private final BlockingCalls backups;
    private final BlockingCalls adHoc;
    private final Optional<SelfProfile> selfProfile;
    private final String url;

    private Service(
            ApiServer server,
            PushedSymbols symbols,
            BlockingCalls compilations,
            BlockingCalls backups,
            BlockingCalls adHoc,
            Optional<SelfProfile> selfProfile,
            String url) {
        this.selfProfile = selfProfile;
        this.server = server;
        this.symbols = symbols;
        this.compilations = compilations;
        this.backups = backups;
        this.adHoc = adHoc;
        this.url = url;
    }

    /**
     * Opens the store and listens.
     *
     * @throws BindException when an address is taken; the message says which, and what to do
     * @throws io.flarepath.store.StoreException when the store cannot be opened
     * @throws io.flarepath.api.server.StartRefused when it must not start as it is configured
     */
    public static Service start(Configuration configuration) throws BindException {
        Access access = Exposure.access(configuration);
        TlsFiles tls = Exposure.tls(configuration);
        Path directory = configuration.path(Setting.DATA).resolve("store");
        Path symbolFiles = configuration.path(Setting.DATA).resolve("store-symbols");
        PushedSymbols symbols =
                PushedSymbols.open(
                        symbolFiles,
                        configuration.bytes(Setting.LIMITS_SYMBOL_FILE),
                        configuration.bytes(Setting.LIMITS_SYMBOLS));
        RocksDbProfileStore store =
                RocksDbProfileStore.open(directory, storeOptions(configuration), symbols.names());
        Limits limits = limits(configuration);
        Address address = configuration.address(Setting.LISTEN);
        ServerOptions options =
                new ServerOptions(
                        address.host(),
                        address.port(),
                        configuration.flag(Setting.MULTITENANCY),
                        limits,
                        BodyReader.Patience.DEFAULT,
                        directory.resolve("bodies"),
                        access,
                        ConnectionRules.ofMost(configuration.integer(Setting.LIMITS_CONNECTIONS)),
                        tls);
        ApiServer server = new ApiServer(options, store);
        BlockingCalls compilations =
                new BlockingCalls(server.services().vertx(), "symbols", 1, WAITING_SYMBOLS);
        server.services().metrics().watch("symbols", compilations);
        BlockingCalls backups = new BlockingCalls(server.services().vertx(), "backup", 1, 1);
        server.services().metrics().watch("backup", backups);
        BlockingCalls adHoc =
                new BlockingCalls(server.services().vertx(), "ad-hoc", 1, WAITING_FILES);
        server.services().metrics().watch("ad-hoc", adHoc);
        try {
            UploadClock clock =
                    new UploadClock(
                            UploadClock::systemNanos, configuration.duration(Setting.RETENTION));
            UploadClock calls = clock.keeping(configuration.duration(Setting.RETENTION_CALLS));
            int port =
                    listen(
                            server,
                            configuration,
                            List.of(
                                    services -> IngestRoutes.all(services, limits, clock, calls),
                                    services -> query(services, configuration),
                                    services -> adHoc(services, configuration, adHoc, options),
                                    services -> symbols(services, symbols, compilations, options),
                                    services ->
                                            new BackupRoutes(
                                                    services.vertx(),
                                                    store::checkpoint,
                                                    symbolFiles.resolve("tenants"),
                                                    configuration.flag(Setting.BACKUP_REMOTE),
                                                    backups)));
            for (Setting otlp : List.of(Setting.OTLP_GRPC_LISTEN, Setting.OTLP_HTTP_LISTEN)) {
                listenForOtlp(
                        server,
                        configuration,
                        otlp,
                        services -> IngestRoutes.otlp(services, limits, clock, calls));
            }
            String url =
                    (server.isSecure() ? "https://" : "http://")
                            + new Address(shown(address.host()), port);
            return new Service(
                    server,
                    symbols,
                    compilations,
                    backups,
                    adHoc,
                    SelfProfile.start(configuration, url),
                    url);
        } catch (BindException | RuntimeException e) {
            compilations.close();
            backups.close();
            adHoc.close();
            server.close();
            throw e;
        }
    }

    private static int listen(
            ApiServer server,
            Configuration configuration,
            List<Function<ApiServer.Services, ApiServer.Routes>> routes)
            throws BindException {
        try {
            return server.start(routes);
        } catch (BindException e) {
            throw named(configuration, Setting.LISTEN, e);
        }
    }

    /** The same failure, with the address and the setting that it comes from. */
    private static BindException named(
            Configuration configuration, Setting setting, BindException failure) {
        BindException named =
                new BindException(
                        "cannot listen on "
                                + configuration.optionalAddress(setting).orElseThrow()
                                + ": "
                                + failure.getMessage()
                                + "; the address comes from the setting "
                                + setting.key()
                                + " ("
                                + configuration.origin(setting)
                                + "), "
                                + setting.variable()
                                + ": stop what has it, or choose another");
        named.initCause(failure);
        return named;
    }

    /**
     * The ports that OpenTelemetry's clients send to when nobody tells them otherwise. Something
     * else, a Collector mostly, may have them already: that is an error only where they were asked
     * for.
     */
    private static void listenForOtlp(
            ApiServer server,
            Configuration configuration,
            Setting setting,
            Function<ApiServer.Services, ApiServer.Routes> routes)
            throws BindException {
        Optional<Address> address = configuration.optionalAddress(setting);
        if (address.isEmpty()) {
            return;
        }
        try {
            server.alsoListen(address.get().host(), address.get().port(), List.of(routes));
        } catch (BindException e) {
            if (configuration.isGiven(setting)) {
                throw named(configuration, setting, e);
            }
            LOG.warn(
                    "OTLP is taken at {} only: {} cannot be had ({}); set {} to another address, or"
                            + " to nothing",
                    configuration.address(Setting.LISTEN),
                    address.get(),
                    e.getMessage(),
                    setting.key());
        }
    }

    private static ApiServer.Routes query(
            ApiServer.Services services, Configuration configuration) {
        return new QueryRoutes(
                services.store(), services.query(), new Agents(), queryLimits(configuration));
    }

    private static QueryLimits queryLimits(Configuration configuration) {
        return QueryLimits.ofNodes(configuration.integer(Setting.LIMITS_QUERY_NODES))
                .withCost(
                        configuration.integer(Setting.LIMITS_QUERY_ROWS),
                        configuration.duration(Setting.LIMITS_QUERY_TIME));
    }

    private static ApiServer.Routes adHoc(
            ApiServer.Services services,
            Configuration configuration,
            BlockingCalls calls,
            ServerOptions options) {
        return new AdHocRoutes(
                services,
                options,
                calls,
                queryLimits(configuration),
                new AdHocLimits(
                        configuration.bytes(Setting.LIMITS_AD_HOC_FILE),
                        configuration.bytes(Setting.LIMITS_AD_HOC)));
    }

    private static ApiServer.Routes symbols(
            ApiServer.Services services,
            PushedSymbols symbols,
            BlockingCalls calls,
            ServerOptions options) {
        BodyReader bodies =
                new BodyReader(
                        symbols.fileBytes(),
                        "limits.symbol-file",
                        2,
                        options.limits().pending(),
                        services.memory(),
                        options.temporary(),
                        options.patience());
        return new SymbolRoutes(symbols, services.vertx(), services.store(), bodies, calls);
    }

    private static StoreOptions storeOptions(Configuration configuration) {
        StoreOptions defaults = StoreOptions.defaults();
        String durability = configuration.text(Setting.DURABILITY).toUpperCase(Locale.ROOT);
        // Uploads take a quarter of the heap and answers some more: a quarter is for dictionaries.
        long dictionaries =
                Math.min(defaults.dictionaryBytes(), Runtime.getRuntime().maxMemory() / 4);
        return defaults.withDurability(Durability.valueOf(durability))
                .withRetention(ages(configuration), defaults.retentionInterval())
                .withExemplars(
                        configuration.duration(Setting.RETENTION_EXEMPLARS),
                        configuration.bytes(Setting.STORE_EXEMPLARS))
                .withFine(
                        configuration.duration(Setting.RETENTION_FINE),
                        configuration.bytes(Setting.STORE_FINE))
                .withCalls(
                        configuration.duration(Setting.RETENTION_CALLS),
                        configuration.bytes(Setting.CALLS_SIZE))
                .withTenantAges(configuration.durations(Setting.RETENTION_TENANTS))
                .withGroups(configuration.labelGroups(Setting.ROLLUPS_GROUPS))
                .withMostBytes(configuration.bytes(Setting.STORE_SIZE))
                .withDictionaries(dictionaries, defaults.dictionaryNodes())
                .withSeries(configuration.integer(Setting.LIMITS_SERIES))
                .withAcceptLoss(configuration.flag(Setting.ACCEPT_LOSS));
    }

    /** Coarse sums stay at least as long as fine ones, whatever is set. */
    private static Ages ages(Configuration configuration) {
        Duration detail = configuration.duration(Setting.RETENTION);
        Duration tenMinutes = longer(detail, configuration.duration(Setting.ROLLUPS_TEN_MINUTES));
        Duration twoHours = longer(tenMinutes, configuration.duration(Setting.ROLLUPS_TWO_HOURS));
        Duration day = longer(twoHours, configuration.duration(Setting.ROLLUPS_DAYS));
        return new Ages(detail, tenMinutes, twoHours, day);
    }

    private static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? b : a;
    }

    private static Limits limits(Configuration configuration) {
        return new Limits(
                configuration.bytes(Setting.LIMITS_BODY),
                configuration.bytes(Setting.LIMITS_INFLATED),
                configuration.bytes(Setting.LIMITS_RECORDING),
                configuration.integer(Setting.LIMITS_STACK_FRAMES),
                configuration.integer(Setting.LIMITS_STACK_REFUSED),
                configuration.integer(Setting.LIMITS_LABELS),
                configuration.integer(Setting.LIMITS_LABEL_NAME),
                configuration.integer(Setting.LIMITS_LABEL_VALUE),
                configuration.integer(Setting.LIMITS_PENDING),
                budgets(configuration));
    }

    /** A tenant that has one of rate and burst of its own has the common other. */
    private static IngestBudgets budgets(Configuration configuration) {
        Budget common =
                new Budget(
                        configuration.bytes(Setting.LIMITS_INGESTION_RATE),
                        configuration.bytes(Setting.LIMITS_INGESTION_BURST));
        Map<String, Long> rates = configuration.sizes(Setting.LIMITS_INGESTION_RATE_TENANTS);
        Map<String, Long> bursts = configuration.sizes(Setting.LIMITS_INGESTION_BURST_TENANTS);
        Map<String, Budget> tenants = new HashMap<>();
        Set<String> named = new HashSet<>(rates.keySet());
        named.addAll(bursts.keySet());
        for (String tenant : named) {
            tenants.put(
                    tenant,
                    new Budget(
                            rates.getOrDefault(tenant, common.bytesPerSecond()),
                            bursts.getOrDefault(tenant, common.burstBytes())));
        }
        return new IngestBudgets(common, tenants);
    }

    /** An address that a browser on this machine can open. */
    private static String shown(String host) {
        return host.equals("0.0.0.0") || host.equals("::") ? "localhost" : host;
    }

    /** Where the page is. */
    public String url() {
        return url;
    }

    /** Stops within five seconds. */
    @Override
    public void close() {
        selfProfile.ifPresent(SelfProfile::close);
        symbols.close();
        compilations.close();
        backups.close();
        adHoc.close();
        server.close();
    }
}
