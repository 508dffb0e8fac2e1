package io.flarepath.api.ingest;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.profiles.v1development.ExportProfilesServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.profiles.v1development.Function;
import io.opentelemetry.proto.profiles.v1development.KeyValueAndUnit;
import io.opentelemetry.proto.profiles.v1development.Line;
import io.opentelemetry.proto.profiles.v1development.Link;
import io.opentelemetry.proto.profiles.v1development.Location;
import io.opentelemetry.proto.profiles.v1development.Mapping;
import io.opentelemetry.proto.profiles.v1development.Profile;
import io.opentelemetry.proto.profiles.v1development.ProfilesDictionary;
import io.opentelemetry.proto.profiles.v1development.ResourceProfiles;
import io.opentelemetry.proto.profiles.v1development.Sample;
import io.opentelemetry.proto.profiles.v1development.ScopeProfiles;
import io.opentelemetry.proto.profiles.v1development.Stack;
import io.opentelemetry.proto.profiles.v1development.ValueType;
import io.opentelemetry.proto.resource.v1.Resource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Builds OTLP requests for tests, as the agent, a Collector and other profilers shape them. */
public final class OtlpRequests {
    private final List<String> strings = new ArrayList<>(List.of(""));
    public final ProfilesDictionary.Builder dictionary =
            ProfilesDictionary.newBuilder()
                    .addMappingTable(Mapping.getDefaultInstance())
                    .addLocationTable(Location.getDefaultInstance())
                    .addFunctionTable(Function.getDefaultInstance())
                    .addLinkTable(Link.getDefaultInstance())
                    .addAttributeTable(KeyValueAndUnit.getDefaultInstance())
                    .addStackTable(Stack.getDefaultInstance());
    public final ExportProfilesServiceRequest.Builder request =
            ExportProfilesServiceRequest.newBuilder();

    public int string(String text) {
        int known = strings.indexOf(text);
        if (known >= 0) {
            return known;
        }
        strings.add(text);
        return strings.size() - 1;
    }

    public int attribute(String key, String value) {
        dictionary.addAttributeTable(
                KeyValueAndUnit.newBuilder()
                        .setKeyStrindex(string(key))
                        .setValue(AnyValue.newBuilder().setStringValue(value)));
        return dictionary.getAttributeTableCount() - 1;
    }

    public int mapping(String file, String buildId, long start, long offset) {
        Mapping.Builder mapping =
                Mapping.newBuilder()
                        .setFilenameStrindex(string(file))
                        .setMemoryStart(start)
                        .setFileOffset(offset);
        if (!buildId.isEmpty()) {
            mapping.addAttributeIndices(attribute("process.executable.build_id.gnu", buildId));
        }
        dictionary.addMappingTable(mapping);
        return dictionary.getMappingTableCount() - 1;
    }

    public int location(int mapping, long address, String kind, String... innermostFirst) {
        Location.Builder location =
                Location.newBuilder().setMappingIndex(mapping).setAddress(address);
        if (!kind.isEmpty()) {
            location.addAttributeIndices(attribute("profile.frame.type", kind));
        }
        for (String function : innermostFirst) {
            dictionary.addFunctionTable(Function.newBuilder().setNameStrindex(string(function)));
            location.addLines(
                    Line.newBuilder()
                            .setFunctionIndex(dictionary.getFunctionTableCount() - 1)
                            .setLine(7));
        }
        dictionary.addLocationTable(location);
        return dictionary.getLocationTableCount() - 1;
    }

    /** Adds an attribute to the location that came last. */
    public OtlpRequests locationAttribute(String key, String value) {
        int last = dictionary.getLocationTableCount() - 1;
        dictionary.getLocationTableBuilder(last).addAttributeIndices(attribute(key, value));
        return this;
    }

    public int stack(int... leafFirst) {
        Stack.Builder stack = Stack.newBuilder();
        for (int location : leafFirst) {
            stack.addLocationIndices(location);
        }
        dictionary.addStackTable(stack);
        return dictionary.getStackTableCount() - 1;
    }

    /** The index of a new link, whose ids consist of these bytes. */
    public int link(int spanByte, int traceByte) {
        if (dictionary.getLinkTableCount() == 0) {
            dictionary.addLinkTable(Link.getDefaultInstance());
        }
        dictionary.addLinkTable(
                Link.newBuilder()
                        .setSpanId(ByteString.copyFrom(filled(8, spanByte)))
                        .setTraceId(ByteString.copyFrom(filled(16, traceByte))));
        return dictionary.getLinkTableCount() - 1;
    }

    private static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    public static Sample.Builder sample(int stack, long... values) {
        Sample.Builder sample = Sample.newBuilder().setStackIndex(stack);
        for (long value : values) {
            sample.addValues(value);
        }
        return sample;
    }

    public ValueType type(String type, String unit) {
        return ValueType.newBuilder()
                .setTypeStrindex(string(type))
                .setUnitStrindex(string(unit))
                .build();
    }

    /** A profile as our agent shapes it. */
    public Profile.Builder cpu(long timeNanos, int id) {
        return Profile.newBuilder()
                .setSampleType(type("samples", "count"))
                .setPeriodType(type("cpu", "nanoseconds"))
                .setPeriod(10_309_278)
                .setTimeUnixNano(timeNanos)
                .setDurationNano(10_000_000_000L)
                .setProfileId(ByteString.copyFrom(new byte[] {0x0f, (byte) id, 3}));
    }

    public static KeyValue plain(String key, String value) {
        return KeyValue.newBuilder()
                .setKey(key)
                .setValue(AnyValue.newBuilder().setStringValue(value))
                .build();
    }

    /** As a Collector rewrites it. */
    public KeyValue interned(String key, String value) {
        return KeyValue.newBuilder()
                .setKeyStrindex(string(key))
                .setValue(AnyValue.newBuilder().setStringValueStrindex(string(value)))
                .build();
    }

    public OtlpRequests add(String scope, List<KeyValue> resource, Profile.Builder... profiles) {
        ScopeProfiles.Builder scoped =
                ScopeProfiles.newBuilder()
                        .setScope(InstrumentationScope.newBuilder().setName(scope));
        for (Profile.Builder profile : profiles) {
            scoped.addProfiles(profile);
        }
        request.addResourceProfiles(
                ResourceProfiles.newBuilder()
                        .setResource(Resource.newBuilder().addAllAttributes(resource))
                        .addScopeProfiles(scoped));
        return this;
    }

    public ExportProfilesServiceRequest build() {
        dictionary.clearStringTable().addAllStringTable(strings);
        return request.setDictionary(dictionary).build();
    }

    public static List<KeyValue> attributes(Map<String, String> values) {
        return values.entrySet().stream().map(e -> plain(e.getKey(), e.getValue())).toList();
    }

    /** 60/30/10 of a service, from our agent. */
    public static OtlpRequests golden(long timeNanos) {
        OtlpRequests requests = new OtlpRequests();
        int app = requests.mapping("/usr/bin/app", "abcd", 0, 0);
        int main = requests.location(app, 0x1000, "native", "main");
        int hot = requests.location(app, 0x2000, "native", "inlined", "hot");
        int raw = requests.location(app, 0x3000, "native");
        int error = requests.location(0, 0, "error", "[no unwind rule]");
        Profile.Builder profile =
                requests.cpu(timeNanos, 1)
                        .addSamples(sample(requests.stack(hot, main), 40))
                        .addSamples(sample(requests.stack(raw, main), 30))
                        .addSamples(sample(requests.stack(hot, error), 10))
                        .addSamples(
                                sample(1, 20)
                                        .addAttributeIndices(
                                                requests.attribute("thread.name", "worker")));
        return requests.add(
                "flarepath",
                attributes(
                        Map.of(
                                "service.name", "shop",
                                "k8s.pod.name", "shop-1",
                                "k8s.pod.uid", "u-1",
                                "container.name", "docker",
                                "host.name", "n1",
                                "runtime", "native")),
                profile);
    }
}
