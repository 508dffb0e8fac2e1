package io.flarepath.agent.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.agent.window.FoldedStack;
import io.flarepath.agent.window.WindowProfile;
import io.flarepath.symbolizer.Frame;
import io.flarepath.symbolizer.FrameKind;
import io.opentelemetry.proto.collector.profiles.v1development.ExportProfilesServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.profiles.v1development.KeyValueAndUnit;
import io.opentelemetry.proto.profiles.v1development.Location;
import io.opentelemetry.proto.profiles.v1development.Mapping;
import io.opentelemetry.proto.profiles.v1development.Profile;
import io.opentelemetry.proto.profiles.v1development.ProfilesDictionary;
import io.opentelemetry.proto.profiles.v1development.ResourceProfiles;
import io.opentelemetry.proto.profiles.v1development.Sample;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;

/** Decodes a request by the generated classes, checking the rules of the format on the way. */
final class Decoded {
    private final ProfilesDictionary dictionary;

    private Decoded(ProfilesDictionary dictionary) {
        this.dictionary = dictionary;
    }

    static ExportProfilesServiceRequest parse(EncodedRequest request) throws Exception {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(request.body()))) {
            byte[] raw = in.readAllBytes();
            assertThat(raw).hasSize(request.rawBytes());
            ExportProfilesServiceRequest parsed = ExportProfilesServiceRequest.parseFrom(raw);
            // Equal lengths mean that no field is unknown and none was written twice.
            assertThat(parsed.getSerializedSize()).isEqualTo(raw.length);
            assertThat(parsed.getUnknownFields().asMap()).isEmpty();
            return parsed;
        }
    }

    static List<Profile> profiles(ExportProfilesServiceRequest request) {
        return request.getResourceProfilesList().stream()
                .flatMap(r -> r.getScopeProfilesList().stream())
                .flatMap(s -> s.getProfilesList().stream())
                .toList();
    }

    static List<WindowProfile> of(EncodedRequest encoded) throws Exception {
        ExportProfilesServiceRequest request = parse(encoded);
        Decoded decoded = new Decoded(request.getDictionary());
        decoded.checkNullEntries();
        decoded.checkNoDuplicates();
        List<WindowProfile> profiles = new ArrayList<>();
        for (ResourceProfiles resource : request.getResourceProfilesList()) {
            profiles.add(decoded.profile(resource));
        }
        return profiles;
    }

    private void checkNullEntries() {
        assertThat(dictionary.getStringTable(0)).isEmpty();
        assertThat(dictionary.getFunctionTable(0).getSerializedSize()).isZero();
        assertThat(dictionary.getLocationTable(0).getSerializedSize()).isZero();
        assertThat(dictionary.getMappingTable(0).getSerializedSize()).isZero();
        assertThat(dictionary.getStackTable(0).getSerializedSize()).isZero();
        assertThat(dictionary.getAttributeTable(0).getSerializedSize()).isZero();
        assertThat(dictionary.getLinkTableList()).hasSize(1);
        assertThat(dictionary.getLinkTable(0).getTraceId().toByteArray()).isEqualTo(new byte[16]);
        assertThat(dictionary.getLinkTable(0).getSpanId().toByteArray()).isEqualTo(new byte[8]);
    }

    private void checkNoDuplicates() {
        for (List<?> table :
                List.of(
                        dictionary.getStringTableList(),
                        dictionary.getFunctionTableList(),
                        dictionary.getLocationTableList(),
                        dictionary.getMappingTableList(),
                        dictionary.getStackTableList(),
                        dictionary.getAttributeTableList())) {
            assertThat(new HashSet<Object>(table)).hasSameSizeAs(table);
        }
    }

    private WindowProfile profile(ResourceProfiles resource) {
        SortedMap<String, String> attributes = new TreeMap<>();
        resource.getResource()
                .getAttributesList()
                .forEach(a -> attributes.put(a.getKey(), a.getValue().getStringValue()));
        Profile profile = resource.getScopeProfiles(0).getProfiles(0);
        List<FoldedStack> stacks = profile.getSamplesList().stream().map(this::stack).toList();
        return new WindowProfile(
                attributes,
                profile.getTimeUnixNano(),
                profile.getDurationNano(),
                profile.getPeriod(),
                stacks);
    }

    private FoldedStack stack(Sample sample) {
        List<Frame> frames = new ArrayList<>();
        assertThat(sample.getStackIndex()).isPositive();
        for (int index :
                dictionary.getStackTable(sample.getStackIndex()).getLocationIndicesList()) {
            assertThat(index).isPositive();
            addFrames(dictionary.getLocationTable(index), frames);
        }
        List<Integer> attributes = sample.getAttributeIndicesList();
        return new FoldedStack(
                frames,
                (int) attribute(attributes, "process.pid").getIntValue(),
                (int) attribute(attributes, "thread.id").getIntValue(),
                attribute(attributes, "thread.name").getStringValue(),
                sample.getTimestampsUnixNanoList().stream().mapToLong(t -> t).toArray());
    }

    private void addFrames(Location location, List<Frame> frames) {
        Mapping mapping = dictionary.getMappingTable(location.getMappingIndex());
        String buildId =
                mapping.getAttributeIndicesCount() == 0
                        ? ""
                        : attribute(
                                        mapping.getAttributeIndicesList(),
                                        "process.executable.build_id.gnu")
                                .getStringValue();
        String type =
                attribute(location.getAttributeIndicesList(), "profile.frame.type")
                        .getStringValue();
        for (int i = 0; i < location.getLinesCount(); i++) {
            int function = location.getLines(i).getFunctionIndex();
            assertThat(function).isPositive();
            frames.add(
                    new Frame(
                                    text(dictionary.getFunctionTable(function).getNameStrindex()),
                                    text(
                                            dictionary
                                                    .getFunctionTable(function)
                                                    .getFilenameStrindex()),
                                    (int) location.getLines(i).getLine(),
                                    text(mapping.getFilenameStrindex()),
                                    buildId,
                                    location.getAddress(),
                                    kind(type),
                                    i + 1 < location.getLinesCount())
                            .withLowConfidence(hasLowConfidence(location)));
        }
    }

    private boolean hasLowConfidence(Location location) {
        return location.getAttributeIndicesList().stream()
                .map(dictionary::getAttributeTable)
                .anyMatch(each ->
                        text(each.getKeyStrindex()).equals("flarepath.frame.confidence")
                                && each.getValue().getStringValue().equals("low"));
    }

    private static FrameKind kind(String otelName) {
        for (FrameKind kind : FrameKind.values()) {
            if (kind.otelName().equals(otelName)) {
                return kind;
            }
        }
        throw new AssertionError("no such kind: " + otelName);
    }

    private AnyValue attribute(List<Integer> indices, String key) {
        for (int index : indices) {
            assertThat(index).isPositive();
            KeyValueAndUnit attribute = dictionary.getAttributeTable(index);
            if (text(attribute.getKeyStrindex()).equals(key)) {
                return attribute.getValue();
            }
        }
        throw new AssertionError("no attribute " + key);
    }

    private String text(int index) {
        return dictionary.getStringTable(index);
    }
}
