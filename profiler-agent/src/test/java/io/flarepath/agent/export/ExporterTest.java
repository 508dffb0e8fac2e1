package io.flarepath.agent.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.agent.metrics.MetricRegistry;
import io.flarepath.agent.window.WindowProfile;
import io.flarepath.config.Configuration;
import io.opentelemetry.proto.collector.profiles.v1development.ExportProfilesServiceRequest;
import io.opentelemetry.proto.profiles.v1development.Profile;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExporterTest {
    @TempDir Path folder;
    private final MetricRegistry registry = new MetricRegistry();

    @Test
    void windowsOfAnOutageArriveOnceUnderTheirIdsThoughTheAgentWasRestarted() throws Exception {
        Random random = new Random(3);
        List<WindowProfile> one = Windows.random(random, 3, 10);
        List<WindowProfile> two = Windows.random(random, 3, 10);
        long taken = samples(one) + samples(two);
        AtomicInteger status = new AtomicInteger(503);
        Map<String, Long> byId = new HashMap<>();
        List<String> order = new ArrayList<>();
        try (FakeServer server =
                new FakeServer(
                        0,
                        (e, r) ->
                                FakeServer.say(e, status.get(), status.get() == 200 ? "" : "no"))) {
            try (HttpPost http = new HttpPost(Map.of());
                    Exporter exporter = start(server.uri(), http)) {
                exporter.accept(one);
                collect(server.take(), byId, new ArrayList<>());
                assertThat(byId).hasSize(3);
                exporter.accept(two);
            }
            while (server.waiting() > 0) {
                collect(server.take(), byId, new ArrayList<>());
            }
            status.set(200);
            try (HttpPost http = new HttpPost(Map.of());
                    Exporter exporter = start(server.uri(), http)) {
                collect(server.take(), byId, order);
                collect(server.take(), byId, order);
                assertThat(exporter.trouble()).isEmpty();
            }
            assertThat(server.waiting()).isZero();
        }
        assertThat(byId).hasSize(6);
        assertThat(order).hasSize(6).doesNotHaveDuplicates();
        assertThat(byId.values().stream().mapToLong(v -> v).sum()).isEqualTo(taken);
        assertThat(registry.counters())
                .containsEntry("window_samples_total", taken)
                .containsEntry("exported_samples_total", taken);
    }

    private Exporter start(URI server, HttpPost http) throws Exception {
        Configuration configuration =
                Configuration.load(
                        null,
                        Map.of(),
                        List.of("server=" + server, "queue.path=" + folder.resolve("q")));
        return Exporter.start(configuration, "1", http, registry);
    }

    private static void collect(
            FakeServer.Request request, Map<String, Long> byId, List<String> order)
            throws Exception {
        byte[] raw = new GZIPInputStream(new ByteArrayInputStream(request.body())).readAllBytes();
        for (Profile profile : Decoded.profiles(ExportProfilesServiceRequest.parseFrom(raw))) {
            long samples =
                    profile.getSamplesList().stream()
                            .mapToLong(s -> s.getTimestampsUnixNanoCount())
                            .sum();
            String key = HexFormat.of().formatHex(profile.getProfileId().toByteArray());
            assertThat(byId.getOrDefault(key, samples)).as(key).isEqualTo(samples);
            byId.put(key, samples);
            order.add(key);
        }
    }

    private static long samples(List<WindowProfile> window) {
        return window.stream().mapToLong(WindowProfile::samples).sum();
    }
}
