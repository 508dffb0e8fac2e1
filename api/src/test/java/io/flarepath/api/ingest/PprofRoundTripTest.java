package io.flarepath.api.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.api.ingest.upload.UploadClock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.RepeatedTest;

class PprofRoundTripTest {
    private static final int FUNCTIONS = 60;

    @RepeatedTest(3)
    void randomPprofsComeBackAsTheyWere() {
        long seed = Long.getLong("flarepath.seed", 97);
        Random random = new Random(seed);
        // Small ids, huge ones and negative ones all occur in the wild.
        long[] ids = {1, 1 << 21, Long.MIN_VALUE, 0x7f00_0000_0000L};
        long base = ids[random.nextInt(ids.length)];
        PprofWriter pprof = new PprofWriter();
        int types = 1 + random.nextInt(4);
        for (int t = 0; t < types; t++) {
            pprof.sampleType("kind" + t, "count");
        }
        List<List<String>> names = new ArrayList<>();
        for (int i = 0; i < FUNCTIONS; i++) {
            pprof.function(base + i, "f" + i, "");
            long[] lines = new long[1 + random.nextInt(3)];
            List<String> innermostFirst = new ArrayList<>();
            for (int l = 0; l < lines.length; l++) {
                int function = random.nextInt(FUNCTIONS);
                lines[l] = base + function;
                innermostFirst.add("f" + function);
            }
            pprof.location(base + i, 0, 0, lines);
            names.add(innermostFirst);
        }
        List<Map<String, Long>> expected = new ArrayList<>();
        for (int t = 0; t < types; t++) {
            expected.add(new TreeMap<>());
        }
        for (int s = 0; s < 500; s++) {
            addSample(random, base, pprof, names, expected);
        }
        pprof.time(UploadClock.systemNanos(), 1);
        MemoryStore store = new MemoryStore();
        try (TestServer server = new TestServer(store)) {
            byte[] body = random.nextBoolean() ? pprof.bytes() : PprofWriter.gzip(pprof.bytes());
            assertThat(server.post(TestServer.ingest("app"), body).statusCode())
                    .as("seed %d", seed)
                    .isEqualTo(200);
        }
        assertThat(store.profiles()).as("seed %d", seed).hasSize(types);
        for (int t = 0; t < types; t++) {
            assertThat(TestServer.folded(store.profiles().get(t)))
                    .as("seed %d", seed)
                    .isEqualTo(expected.get(t));
        }
    }

    private static void addSample(
            Random random,
            long base,
            PprofWriter pprof,
            List<List<String>> names,
            List<Map<String, Long>> expected) {
        long[] locations = new long[1 + random.nextInt(40)];
        List<String> leafFirst = new ArrayList<>();
        for (int l = 0; l < locations.length; l++) {
            int location = random.nextInt(FUNCTIONS);
            locations[l] = base + location;
            leafFirst.addAll(names.get(location));
        }
        Collections.reverse(leafFirst);
        long[] values = new long[expected.size()];
        for (int t = 0; t < values.length; t++) {
            values[t] = random.nextInt(3) == 0 ? 0 : random.nextInt(1_000_000);
            if (values[t] > 0) {
                expected.get(t).merge(String.join(";", leafFirst), values[t], Long::sum);
            }
        }
        pprof.sample(locations, values);
    }
}
