package io.flarepath.api.query.page;

import com.fasterxml.jackson.core.JsonGenerator;
import io.flarepath.api.query.request.Absence;
import io.flarepath.api.query.request.ProfilerChoice;
import io.flarepath.api.server.JsonAnswer;
import io.flarepath.store.ProfileStore;
import io.flarepath.store.query.ProfileQuery;
import io.flarepath.store.query.ThreadSeries;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Answers /api/v1/threads: what each thread took over time, as far as samples say so. */
record ThreadsAnswer(ProfileStore store, ProfileQuery query, long stepNanos, int most)
        implements JsonAnswer.Body {

    @Override
    public void write(JsonGenerator json) throws IOException {
        ProfilerChoice choice = ProfilerChoice.of(store, query);
        List<ThreadSeries> threads = store.threads(choice.query(), stepNanos);
        List<ThreadSeries> shown = threads.subList(0, Math.min(most, threads.size()));
        List<ThreadSeries> hidden = threads.subList(shown.size(), threads.size());
        json.writeStartObject();
        json.writeNumberField("startMillis", query.range().fromNanos() / 1_000_000);
        json.writeNumberField("stepMillis", stepNanos / 1_000_000);
        json.writeStringField("unit", query.type().sampleUnit());
        json.writeStringField("profiler", choice.profiler());
        json.writeNumberField("total", total(threads));
        json.writeNumberField("hiddenThreads", hidden.size());
        json.writeNumberField("hiddenTotal", total(hidden));
        json.writeArrayFieldStart("threads");
        for (ThreadSeries each : shown) {
            json.writeStartObject();
            json.writeNumberField("id", each.thread().id());
            json.writeStringField("name", each.thread().name());
            Fields.labels(json, each.series());
            Fields.values(json, each.total(), each.values());
            json.writeEndObject();
        }
        json.writeEndArray();
        Fields.empty(json, threads.isEmpty() ? absence(choice) : null);
        json.writeEndObject();
    }

    private static long total(List<ThreadSeries> threads) {
        return threads.stream().mapToLong(ThreadSeries::total).sum();
    }

    private @Nullable Absence absence(ProfilerChoice choice) {
        return store.merge(choice.query()).total(0) == 0
                ? Absence.of(store, query)
                : Absence.ofTimes();
    }
}
