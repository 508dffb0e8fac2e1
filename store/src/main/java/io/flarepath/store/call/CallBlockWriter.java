package io.flarepath.store.call;

import io.flarepath.store.encoding.ByteWriter;
import io.flarepath.store.encoding.Envelope;
import io.flarepath.store.encoding.ZstdPool;
import io.flarepath.store.profile.Labels;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** Packs the calls of one block. One thread. */
final class CallBlockWriter {
    private static final List<Function<Call, String>> TEXTS =
            List.of(
                    Call::scope,
                    Call::name,
                    Call::message,
                    call -> call.words().protocol(),
                    call -> call.words().method(),
                    call -> call.words().route(),
                    call -> call.words().status(),
                    call -> call.words().peer());

    private final List<Call> calls;
    private final Map<String, Integer> strings = new LinkedHashMap<>();
    private final Map<Labels, Integer> resources = new LinkedHashMap<>();
    private final TermFilter.Builder terms = new TermFilter.Builder();

    CallBlockWriter(List<Call> calls) {
        if (calls.isEmpty() || calls.size() > CallBlock.MOST_CALLS) {
            throw new IllegalArgumentException(calls.size() + " calls make no block");
        }
        this.calls = calls;
    }

    /** A column of attributes under way. */
    private record Column(List<Integer> rows, List<Integer> values) {}

    CallBlock.Packed write(ZstdPool zstd) {
        ByteWriter columns = new ByteWriter(64 * calls.size());
        writeFixed(columns);
        calls.forEach(call -> columns.varint(resource(call.resource())));
        for (Function<Call, String> text : TEXTS) {
            calls.forEach(call -> columns.varint(string(text.apply(call))));
        }
        writeAttributes(columns);
        calls.forEach(this::addTerms);
        ByteWriter labels = new ByteWriter(256);
        labels.varint(resources.size());
        resources.keySet().forEach(resource -> write(labels, resource));
        ByteWriter body = new ByteWriter(1024 + columns.size());
        body.varint(strings.size());
        strings.keySet().forEach(body::text);
        body.bytes(labels.array(), 0, labels.size()).bytes(columns.array(), 0, columns.size());
        CallSummary summary = CallSummary.of(calls);
        ByteWriter head = new ByteWriter(48);
        summary.write(head);
        byte[] block = Envelope.seal(CallBlock.MAGIC, head, body, zstd);
        return new CallBlock.Packed(
                block, CallIndex.encode(summary, block.length, terms.build()), summary);
    }

    private void writeFixed(ByteWriter out) {
        long last = calls.getFirst().startNanos();
        for (Call call : calls) {
            if (call.startNanos() < last) {
                throw new IllegalArgumentException("the calls of a block are not in order");
            }
            out.varint(call.startNanos() - last);
            last = call.startNanos();
        }
        calls.forEach(call -> out.varint(call.durationNanos()));
        for (Call call : calls) {
            out.u8(
                    call.role().code()
                            | (call.failed() ? CallBlock.FAILED : 0)
                            | (call.parentId() == 0 ? 0 : CallBlock.PARENT));
        }
        for (Call call : calls) {
            out.u64(call.traceHigh()).u64(call.traceLow()).u64(call.spanId());
            if (call.parentId() != 0) {
                out.u64(call.parentId());
            }
        }
    }

    private int string(String text) {
        Integer known = strings.putIfAbsent(text, strings.size());
        return known == null ? strings.size() - 1 : known;
    }

    private int resource(Labels labels) {
        Integer known = resources.putIfAbsent(labels, resources.size());
        return known == null ? resources.size() - 1 : known;
    }

    private void write(ByteWriter out, Labels resource) {
        out.varint(resource.asMap().size());
        resource.asMap()
                .forEach((name, value) -> {
                    out.varint(string(name)).varint(string(value));
                    terms.add(TermFilter.label(name, value));
                });
    }

    private void writeAttributes(ByteWriter out) {
        TreeMap<String, Column> columns = new TreeMap<>();
        for (int row = 0; row < calls.size(); row++) {
            for (Map.Entry<String, String> entry : calls.get(row).attributes().asMap().entrySet()) {
                Column column =
                        columns.computeIfAbsent(
                                entry.getKey(),
                                name -> new Column(new ArrayList<>(), new ArrayList<>()));
                column.rows().add(row);
                column.values().add(string(entry.getValue()));
            }
        }
        out.varint(columns.size());
        columns.forEach((name, column) -> {
            out.varint(string(name)).varint(column.rows().size());
            int last = -1;
            for (int row : column.rows()) {
                out.varint(row - last - 1L);
                last = row;
            }
            column.values().forEach(out::varint);
        });
    }

    private void addTerms(Call call) {
        terms.add(TermFilter.trace(call.traceHigh(), call.traceLow()));
        CallFilter.terms(call.words(), terms::add);
    }
}
