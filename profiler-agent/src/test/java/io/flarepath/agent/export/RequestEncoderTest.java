package io.flarepath.agent.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.agent.window.FoldedStack;
import io.flarepath.agent.window.WindowProfile;
import io.flarepath.symbolizer.Frame;
import io.flarepath.symbolizer.FrameKind;
import io.opentelemetry.proto.collector.profiles.v1development.ExportProfilesServiceRequest;
import io.opentelemetry.proto.profiles.v1development.Profile;
import io.opentelemetry.proto.profiles.v1development.ProfilesDictionary;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RequestEncoderTest {
    private static final long START = 1_790_000_000_000_000_000L;

    @Test
    void whatIsDecodedIsWhatWasEncoded() throws Exception {
        long seed = Long.getLong("flarepath.seed", 97);
        Random random = new Random(seed);
        try (RequestEncoder encoder = new RequestEncoder("1.2", 3)) {
            for (int round = 0; round < 60; round++) {
                List<WindowProfile> window = Windows.random(random, random.nextInt(6), 40);
                List<WindowProfile> decoded = new ArrayList<>();
                for (EncodedRequest request : encode(encoder, window)) {
                    decoded.addAll(Decoded.of(request));
                }
                assertThat(Windows.shown(decoded))
                        .as("seed %d round %d", seed, round)
                        .isEqualTo(Windows.shown(window));
            }
        }
    }

    @Test
    void aHugeWindowIsSplitBelowTheLimitAndLosesNothing() throws Exception {
        long seed = Long.getLong("flarepath.seed", 97);
        int limit = 60_000;
        List<WindowProfile> window = Windows.random(new Random(seed), 5, 300);
        try (RequestEncoder encoder = new RequestEncoder("1", 1, new Random(seed), limit)) {
            List<EncodedRequest> requests = encode(encoder, window);
            assertThat(requests).as("seed %d", seed).hasSizeGreaterThan(3);
            List<String> stacks = new ArrayList<>();
            Set<String> ids = new HashSet<>();
            long samples = 0;
            for (EncodedRequest request : requests) {
                assertThat(request.rawBytes()).as("seed %d", seed).isLessThan(limit);
                samples += request.items();
                List<WindowProfile> decoded = Decoded.of(request);
                assertThat(request.items())
                        .isEqualTo(decoded.stream().mapToLong(WindowProfile::samples).sum());
                stacks.addAll(Windows.shownStacks(decoded));
                for (Profile profile : Decoded.profiles(Decoded.parse(request))) {
                    ids.add(profile.getProfileId().toString());
                    assertThat(profile.getProfileId().size()).isEqualTo(16);
                }
            }
            assertThat(stacks).containsExactlyElementsOf(Windows.shownStacks(window));
            assertThat(samples).isEqualTo(window.stream().mapToLong(WindowProfile::samples).sum());
            assertThat(ids).hasSizeGreaterThanOrEqualTo(requests.size());
        }
    }

    @Test
    void aProfileSaysWhatItIs() throws Exception {
        Frame frame = frame("main", FrameKind.NATIVE, false);
        ExportProfilesServiceRequest request = one(List.of(frame));
        ProfilesDictionary dictionary = request.getDictionary();
        assertThat(request.getResourceProfiles(0).getScopeProfiles(0).getScope().getName())
                .isEqualTo("flarepath");
        assertThat(request.getResourceProfiles(0).getScopeProfiles(0).getScope().getVersion())
                .isEqualTo("7.8");
        Profile profile = Decoded.profiles(request).getFirst();
        assertThat(text(dictionary, profile.getSampleType().getTypeStrindex()))
                .isEqualTo("samples");
        assertThat(text(dictionary, profile.getSampleType().getUnitStrindex())).isEqualTo("count");
        assertThat(text(dictionary, profile.getPeriodType().getTypeStrindex())).isEqualTo("cpu");
        assertThat(text(dictionary, profile.getPeriodType().getUnitStrindex()))
                .isEqualTo("nanoseconds");
        assertThat(profile.getPeriod()).isEqualTo(10_309_278);
        assertThat(profile.getTimeUnixNano()).isEqualTo(START);
        assertThat(profile.getDurationNano()).isEqualTo(10_000_000_000L);
        assertThat(profile.getSamples(0).getValuesCount()).isZero();
        assertThat(profile.getSamples(0).getTimestampsUnixNanoList()).containsExactly(START + 5);
    }

    @Test
    void inlinedFramesAreLinesOfOneLocation() throws Exception {
        Frame leaf = frame("leaf", FrameKind.NATIVE, true);
        Frame middle = frame("middle", FrameKind.NATIVE, true);
        Frame outer = frame("outer", FrameKind.NATIVE, false);
        Frame cut = frame("cut", FrameKind.NATIVE, true);
        ExportProfilesServiceRequest request =
                one(List.of(leaf, middle, outer, cut, Frame.error("too deep")));
        assertThat(request.getDictionary().getStackTable(1).getLocationIndicesList()).hasSize(3);
        assertThat(request.getDictionary().getLocationTable(1).getLinesList()).hasSize(3);
        assertThat(request.getDictionary().getLocationTable(2).getLinesList()).hasSize(1);
    }

    @Test
    void lowConfidenceIsAnAttributeOfTheLocation() throws Exception {
        Frame sure = frame("f", FrameKind.NATIVE, false);
        Frame inner = frame("inner", FrameKind.NATIVE, true);
        Frame low = sure.withLowConfidence(true);
        ExportProfilesServiceRequest request =
                one(List.of(sure, low, inner.withLowConfidence(true), low, inner, low));
        ProfilesDictionary dictionary = request.getDictionary();
        // f sure, f low, inner in f both low, and inner, which is sure, by itself.
        assertThat(dictionary.getStackTable(1).getLocationIndicesList())
                .containsExactly(1, 2, 3, 4, 2);
        assertThat(
                        dictionary.getLocationTableList().stream()
                                .map(location ->
                                        location.getAttributeIndicesList().stream()
                                                .map(dictionary::getAttributeTable)
                                                .anyMatch(each ->
                                                        text(dictionary, each.getKeyStrindex())
                                                                .equals(
                                                                        "flarepath.frame.confidence"))))
                .containsExactly(false, false, true, true, false);
    }

    @Test
    void thatALineIsOnlyNearIsAnAttributeOfTheLocation() throws Exception {
        Frame leaf = frame("leaf", FrameKind.JVM, true);
        Frame outer = frame("outer", FrameKind.JVM, false);
        ExportProfilesServiceRequest request =
                one(List.of(leaf.withApproximateLine(), outer, leaf, outer, outer));
        ProfilesDictionary dictionary = request.getDictionary();
        assertThat(dictionary.getStackTable(1).getLocationIndicesList()).containsExactly(1, 2, 3);
        assertThat(
                        dictionary.getLocationTable(1).getAttributeIndicesList().stream()
                                .map(dictionary::getAttributeTable)
                                .map(each ->
                                        text(dictionary, each.getKeyStrindex())
                                                + "="
                                                + each.getValue().getStringValue()))
                .containsExactly("profile.frame.type=jvm", "flarepath.frame.line=approximate");
        assertThat(dictionary.getLocationTable(2).getAttributeIndicesList()).hasSize(1);
        assertThat(dictionary.getLocationTable(3).getAttributeIndicesList()).hasSize(1);
    }

    @Test
    void aStringThatIsTooLongIsCutBetweenCharacters() {
        byte[] cut = RequestDictionary.shortened("a" + "é".repeat(5000));
        assertThat(cut).hasSizeLessThanOrEqualTo(RequestDictionary.LONGEST_STRING);
        assertThat(new String(cut, java.nio.charset.StandardCharsets.UTF_8))
                .startsWith("aéé")
                .endsWith("é…")
                .doesNotContain("\uFFFD");
    }

    @Test
    void anEmptyWindowIsNotSent() {
        try (RequestEncoder encoder = new RequestEncoder("1", 1)) {
            assertThat(encode(encoder, List.of())).isEmpty();
            WindowProfile empty = new WindowProfile(new TreeMap<>(), 1, 1, 1, List.of());
            assertThat(encode(encoder, List.of(empty))).isEmpty();
        }
    }

    private static Frame frame(String name, FrameKind kind, boolean inlined) {
        return new Frame(name, name + ".c", 3, "prog", "abcd", 0, kind, inlined);
    }

    private static ExportProfilesServiceRequest one(List<Frame> frames) throws Exception {
        FoldedStack stack = new FoldedStack(frames, 1, 2, "t", new long[] {START + 5});
        TreeMap<String, String> resource = new TreeMap<>();
        resource.put("service.name", "x");
        WindowProfile profile =
                new WindowProfile(resource, START, 10_000_000_000L, 10_309_278, List.of(stack));
        try (RequestEncoder encoder = new RequestEncoder("7.8", 1)) {
            EncodedRequest request = encode(encoder, List.of(profile)).getFirst();
            assertThat(Windows.shown(Decoded.of(request)))
                    .isEqualTo(Windows.shown(List.of(profile)));
            return Decoded.parse(request);
        }
    }

    private static String text(ProfilesDictionary dictionary, int index) {
        return dictionary.getStringTable(index);
    }

    private static List<EncodedRequest> encode(RequestEncoder encoder, List<WindowProfile> window) {
        List<EncodedRequest> requests = new ArrayList<>();
        encoder.encode(window, requests::add);
        return requests;
    }
}
