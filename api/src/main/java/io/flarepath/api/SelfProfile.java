package io.flarepath.api;

import io.flarepath.api.server.StartRefused;
import io.flarepath.config.Configuration;
import io.flarepath.config.Setting;
import io.pyroscope.http.Format;
import io.pyroscope.javaagent.EventType;
import io.pyroscope.javaagent.PyroscopeAgent;
import io.pyroscope.javaagent.api.Logger.Level;
import io.pyroscope.javaagent.config.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's profiles of itself, by Pyroscope's client for Java: CPU time at 100 Hz and what is
 * allocated, sent every ten seconds to the configured server or, without one, to this one. There is
 * one such client in a JVM; what it cannot send it drops.
 */
final class SelfProfile implements AutoCloseable {
    /** The service under which the profiles are stored. */
    static final String SERVICE = "flarepath-server";

    private static final Logger LOG = LoggerFactory.getLogger(SelfProfile.class);
    private static final Duration INTERVAL = Duration.ofMillis(10);
    private static final String BYTES_AN_ALLOCATION_SAMPLE = "512k";

    private SelfProfile() {}

    /**
     * Starts the client, if the configuration asks for it.
     *
     * @param own address of this server
     * @throws StartRefused when the token that it is to send cannot be read
     */
    static Optional<SelfProfile> start(Configuration configuration, String own) {
        if (!configuration.flag(Setting.SELF_PROFILING)) {
            return Optional.empty();
        }
        String server =
                configuration.isGiven(Setting.SERVER)
                        ? configuration.url(Setting.SERVER).toString()
                        : own;
        Config.Builder config =
                new Config.Builder()
                        .setApplicationName(SERVICE)
                        .setServerAddress(server)
                        .setFormat(Format.JFR)
                        .setProfilingEvent(EventType.ITIMER)
                        .setProfilingInterval(INTERVAL)
                        .setProfilingAlloc(BYTES_AN_ALLOCATION_SAMPLE)
                        .setUploadInterval(Duration.ofSeconds(10))
                        .setTenantID(configuration.text(Setting.TENANT))
                        .setLabels(Map.of());
        token(configuration)
                .ifPresent(token -> config.addHTTPHeader("Authorization", "Bearer " + token));
        PyroscopeAgent.start(
                new PyroscopeAgent.Options.Builder(config.build())
                        .setLogger(SelfProfile::log)
                        .build());
        LOG.info("The server profiles itself: {} at {}", SERVICE, server);
        return Optional.of(new SelfProfile());
    }

    private static Optional<String> token(Configuration configuration) {
        Optional<Path> file = configuration.optionalPath(Setting.CLIENT_TOKEN);
        if (file.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Files.readString(file.get()).strip());
        } catch (IOException e) {
            throw new StartRefused(
                    "the token for self-profiling cannot be read: "
                            + e
                            + "; the file comes from the setting "
                            + Setting.CLIENT_TOKEN.key(),
                    e);
        }
    }

    @SuppressWarnings("AnnotateFormatMethod") // the client's own interface is not annotated
    private static void log(Level level, String message, Object... values) {
        String text = values.length == 0 ? message : message.formatted(values);
        switch (level) {
            case DEBUG, INFO -> LOG.debug("{}", text);
            case WARN -> LOG.warn("{}", text);
            case ERROR -> LOG.error("{}", text);
        }
    }

    @Override
    public void close() {
        PyroscopeAgent.stop();
    }
}
