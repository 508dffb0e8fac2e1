package io.flarepath.agent.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.agent.export.TypedProfile.TypedStack;
import io.flarepath.symbolizer.Frame;
import io.flarepath.symbolizer.FrameKind;
import io.opentelemetry.proto.collector.profiles.v1development.ExportProfilesServiceRequest;
import io.opentelemetry.proto.profiles.v1development.Profile;
import io.opentelemetry.proto.profiles.v1development.ProfilesDictionary;
import io.opentelemetry.proto.profiles.v1development.ScopeProfiles;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

class TypedEncoderTest {
    private static TypedProfile profile(List<TypedStack> stacks) {
        return new TypedProfile(
                new TreeMap<>(Map.of("service.name", "shop")),
                "async-profiler",
                1_000,
                2_000,
                "delay",
                "nanoseconds",
                "mutex",
                "count",
                0,
                stacks);
    }

    private static TypedStack stack(String function, long... values) {
        Frame frame = new Frame(function, "", 7, "", "", 0, FrameKind.JVM, false);
        long[] times = new long[values.length];
        for (int i = 0; i < times.length; i++) {
            times[i] = 1_100L + i;
        }
        return new TypedStack(List.of(frame), 5, 6, "worker", values, times);
    }

    private static ExportProfilesServiceRequest parse(EncodedRequest request) throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(request.body()))) {
            return ExportProfilesServiceRequest.parseFrom(in.readAllBytes());
        }
    }

    @Test
    void valuesAndTimesAreThoseOfTheEvents() throws IOException {
        List<EncodedRequest> requests =
                new TypedEncoder("1").encode(profile(List.of(stack("a.B.c", 5, 1L << 40))));
        assertThat(requests).hasSize(1);
        assertThat(requests.getFirst().items()).isEqualTo(2);
        ExportProfilesServiceRequest request = parse(requests.getFirst());
        ProfilesDictionary dictionary = request.getDictionary();
        ScopeProfiles scope = request.getResourceProfiles(0).getScopeProfiles(0);
        assertThat(scope.getScope().getName()).isEqualTo("async-profiler");
        assertThat(request.getResourceProfiles(0).getResource().getAttributes(0).getKey())
                .isEqualTo("service.name");
        Profile profile = scope.getProfiles(0);
        assertThat(dictionary.getStringTable(profile.getSampleType().getTypeStrindex()))
                .isEqualTo("delay");
        assertThat(dictionary.getStringTable(profile.getPeriodType().getTypeStrindex()))
                .isEqualTo("mutex");
        assertThat(profile.getTimeUnixNano()).isEqualTo(1_000);
        assertThat(profile.getDurationNano()).isEqualTo(2_000);
        assertThat(profile.getProfileId().size()).isEqualTo(16);
        assertThat(profile.getSamples(0).getValuesList()).containsExactly(5L, 1L << 40);
        assertThat(profile.getSamples(0).getTimestampsUnixNanoList())
                .containsExactly(1_100L, 1_101L);
        int location =
                dictionary
                        .getStackTable(profile.getSamples(0).getStackIndex())
                        .getLocationIndices(0);
        int function = dictionary.getLocationTable(location).getLines(0).getFunctionIndex();
        assertThat(
                        dictionary.getStringTable(
                                dictionary.getFunctionTable(function).getNameStrindex()))
                .isEqualTo("a.B.c");
        assertThat(dictionary.getLocationTable(location).getLines(0).getLine()).isEqualTo(7);
    }

    @Test
    void whatIsTooLongForOneRequestBecomesSeveral() throws IOException {
        List<TypedStack> stacks = new ArrayList<>();
        long events = 0;
        for (int i = 0; i < 40; i++) {
            stacks.add(stack("f" + i, new long[40_000]));
            events += 40_000;
        }
        List<EncodedRequest> requests = new TypedEncoder("1").encode(profile(stacks));
        assertThat(requests).hasSizeGreaterThan(1);
        assertThat(requests.stream().mapToLong(EncodedRequest::items).sum()).isEqualTo(events);
        int samples = 0;
        for (EncodedRequest request : requests) {
            assertThat(request.rawBytes()).isLessThan(9 << 20);
            samples +=
                    parse(request)
                            .getResourceProfiles(0)
                            .getScopeProfiles(0)
                            .getProfiles(0)
                            .getSamplesCount();
        }
        assertThat(samples).isEqualTo(40);
    }

    @Test
    void nothingBecomesNothing() {
        assertThat(new TypedEncoder("1").encode(profile(List.of()))).isEmpty();
    }
}
