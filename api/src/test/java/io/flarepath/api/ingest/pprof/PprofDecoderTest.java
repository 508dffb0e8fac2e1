package io.flarepath.api.ingest.pprof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.api.ingest.PprofWriter;
import io.flarepath.api.ingest.upload.LabelRules;
import io.flarepath.api.ingest.upload.StackRules;
import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.Limits;
import io.flarepath.api.server.MemoryBudget;
import io.flarepath.store.profile.Profile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** One decoder takes one pprof after the other, and none sees anything of another. */
class PprofDecoderTest {
    private static final String[] SPIES = {"gospy", "pyspy", "unknown"};

    private final long now = UploadClock.systemNanos();
    private final MemoryBudget budget = new MemoryBudget("uploads", 256L << 20);
    private final PprofDecoder used = decoder();

    private PprofDecoder decoder() {
        return new PprofDecoder(
                new LabelRules(Limits.DEFAULT),
                new StackRules(Limits.DEFAULT),
                new UploadClock(() -> now, Duration.ofDays(7)));
    }

    private List<Profile> decode(PprofDecoder with, byte[] pprof, String spy) throws IOException {
        PprofRequest request =
                new PprofRequest(Map.of("service_name", "x"), spy, now, now, true, Map.of());
        try (UploadMemory memory = new UploadMemory(budget)) {
            return with.decode(new ByteArrayInputStream(pprof), request, memory).profiles();
        }
    }

    /** All that a profile says, as text. */
    private static List<String> said(List<Profile> profiles) {
        List<String> said = new ArrayList<>();
        for (Profile profile : profiles) {
            said.add(
                    profile.labels()
                            + " "
                            + profile.type()
                            + " "
                            + profile.startNanos()
                            + " "
                            + profile.durationNanos()
                            + " "
                            + profile.period());
            for (int stack = 0; stack < profile.stackCount(); stack++) {
                StringBuilder line = new StringBuilder().append(profile.value(stack));
                for (int at = profile.stackStart(stack); at < profile.stackStart(stack + 1); at++) {
                    line.append(' ').append(profile.frames().get(profile.stackFrame(at)));
                }
                said.add(line.toString());
            }
        }
        return said;
    }

    /** The same ids, functions, files and lines come in all of them, in other combinations. */
    private byte[] generated(Random random) {
        int functions = 1 + random.nextInt(40);
        PprofWriter pprof = new PprofWriter().sampleType("samples", "count");
        boolean cpu = random.nextBoolean();
        if (cpu) {
            pprof.sampleType("cpu", "nanoseconds").period("cpu", "nanoseconds", 10_000_000);
        }
        pprof.time(now - random.nextInt(1_000), 1 + random.nextInt(1_000));
        long far = random.nextBoolean() ? 0 : 1L << 40;
        for (int s = random.nextInt(30); s >= 0; s--) {
            long[] stack = new long[1 + random.nextInt(8)];
            Arrays.setAll(stack, i -> far + 1 + random.nextInt(functions));
            long count = random.nextInt(4);
            Map<String, String> labels =
                    random.nextInt(5) == 0 ? Map.of("path", "/" + random.nextInt(3)) : Map.of();
            if (cpu) {
                pprof.sample(labels, stack, count, count * 10_000_000);
            } else {
                pprof.sample(labels, stack, count);
            }
        }
        pprof.mapping(1, 0x400000, 0, "/bin/app" + random.nextInt(2), "ab" + random.nextInt(2));
        for (int i = 1; i <= functions; i++) {
            int lines = random.nextInt(3);
            long[] ofLocation = new long[lines];
            Arrays.setAll(ofLocation, line -> 1 + random.nextInt(functions));
            pprof.location(far + i, random.nextInt(2), 0x401000 + 16L * i, ofLocation);
            String[] names = {"", "größer", "lib.so+0x1f", "main.f" + random.nextInt(50)};
            String[] files = {"", "/src/a.go", "/src/a.py", "/src/ä"};
            pprof.function(i, names[random.nextInt(4)], files[random.nextInt(4)]);
        }
        return pprof.bytes();
    }

    @Test
    void aPprofIsReadAsByADecoderThatHasSeenNoOther() throws IOException {
        for (long seed = 0; seed < 400; seed++) {
            Random random = new Random(seed);
            byte[] pprof = generated(random);
            String spy = SPIES[random.nextInt(SPIES.length)];
            List<String> expected = said(decode(decoder(), pprof, spy));
            assertThat(said(decode(used, pprof, spy))).as("seed %d", seed).isEqualTo(expected);
            byte[] cut = Arrays.copyOf(pprof, 1 + random.nextInt(pprof.length - 1));
            try {
                decode(used, cut, spy);
            } catch (ApiError damaged) {
                assertThat(damaged.getMessage()).isNotEmpty();
            }
        }
        assertThat(budget.reserved()).isZero();
    }

    /** Two bytes a string, of which each takes ten times as many in memory. */
    @Test
    void aBombOfTinyStringsIsStoppedByTheMemoryForOneUpload() throws IOException {
        byte[] strings = new byte[80 << 20];
        for (int i = 0; i < strings.length; i += 2) {
            strings[i] = 0x32;
        }
        assertThatThrownBy(() -> decode(used, strings, "gospy"))
                .isInstanceOfSatisfying(
                        ApiError.class, refused -> assertThat(refused.status()).isEqualTo(413))
                .hasMessageContaining("memory");
        assertThat(budget.reserved()).isZero();
        assertThat(decode(used, PprofWriter.cpu(now).bytes(), "gospy")).hasSize(2);
    }

    @Test
    void aStringOfAnotherPprofIsNotInTheTable() throws IOException {
        assertThat(decode(used, PprofWriter.cpu(now).bytes(), "gospy")).hasSize(2);
        byte[] withoutStrings =
                new PprofWriter()
                        .field(
                                1,
                                type -> {
                                    type.writeInt64(1, 1);
                                    type.writeInt64(2, 2);
                                })
                        .bytes();
        assertThatThrownBy(() -> decode(used, withoutStrings, "gospy"))
                .isInstanceOf(ApiError.class)
                .hasMessageContaining("string 1, the table has 1");
    }
}
