package io.flarepath.api.ingest;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes push.v1.PushRequest in both encodings. */
final class PushRequests {
    private final List<Series> series = new ArrayList<>();

    private record Series(Map<String, String> labels, String id, byte[] pprof) {}

    /** Writes to a stream whose errors are none. */
    @FunctionalInterface
    private interface Writer {
        void write(CodedOutputStream out) throws IOException;
    }

    PushRequests series(Map<String, String> labels, String id, byte[] pprof) {
        series.add(new Series(new LinkedHashMap<>(labels), id, pprof));
        return this;
    }

    private static byte[] bytes(Writer writer) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            CodedOutputStream out = CodedOutputStream.newInstance(bytes);
            writer.write(out);
            out.flush();
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    byte[] proto() {
        return bytes(out -> {
            for (Series each : series) {
                out.writeByteArray(1, proto(each));
            }
        });
    }

    private static byte[] proto(Series series) {
        return bytes(out -> {
            // Samples first: nothing says that labels come before them.
            out.writeByteArray(
                    2,
                    bytes(sample -> {
                        sample.writeBytes(1, ByteString.copyFrom(series.pprof()));
                        sample.writeString(2, series.id());
                    }));
            for (Map.Entry<String, String> label : series.labels().entrySet()) {
                out.writeByteArray(
                        1,
                        bytes(pair -> {
                            pair.writeString(1, label.getKey());
                            pair.writeString(2, label.getValue());
                        }));
            }
        });
    }

    String json() {
        List<String> all = new ArrayList<>();
        for (Series each : series) {
            List<String> labels = new ArrayList<>();
            each.labels()
                    .forEach((name, value) ->
                            labels.add("{\"name\":\"" + name + "\",\"value\":\"" + value + "\"}"));
            all.add(
                    "{\"labels\":["
                            + String.join(",", labels)
                            + "],\"samples\":[{\"rawProfile\":\""
                            + Base64.getEncoder().encodeToString(each.pprof())
                            + "\",\"ID\":\""
                            + each.id()
                            + "\"}]}");
        }
        return "{\"series\":[" + String.join(",", all) + "]}";
    }
}
