package io.flarepath.api.query.connect;

import io.flarepath.api.message.MessageWriter;
import io.flarepath.api.query.connect.ConnectMethod.Call;
import io.flarepath.api.query.request.Parameters;
import io.flarepath.api.time.Instants;
import io.flarepath.store.ProfileStore;
import io.flarepath.store.StoreStatistics;
import io.flarepath.store.query.Selector;
import io.flarepath.store.query.TimeRange;
import java.util.List;
import java.util.Map;

/** The methods that tell how much there is. */
record StoreMethods(ProfileStore store) {

    Map<String, ConnectMethod> methods() {
        return Map.of(
                "GetProfileStats", new ConnectMethod(RequestSchemas.EMPTY, this::stats),
                "AnalyzeQuery", new ConnectMethod(RequestSchemas.ANALYZE_QUERY, this::analyze));
    }

    private MessageWriter.Part stats(Call call) {
        boolean any = !store.profileTypes(call.tenant(), Selector.ALL, Instants.ALWAYS).isEmpty();
        StoreStatistics statistics = store.statistics();
        return out -> {
            out.bool(1, "dataIngested", any);
            if (any) {
                out.int64(2, "oldestProfileTime", statistics.oldestNanos() / 1_000_000);
                out.int64(3, "newestProfileTime", statistics.newestNanos() / 1_000_000);
            }
        };
    }

    private MessageWriter.Part analyze(Call call) {
        String text = call.request().text("query");
        int brace = text.indexOf('{');
        Selector selector =
                brace < 0 ? Selector.ALL : Parameters.selectorOf("query", text.substring(brace));
        TimeRange range = call.request().rangeOrAlways();
        long series = store.series(call.tenant(), selector, range, List.of()).size();
        return out -> {
            out.messages(
                    1,
                    "queryScopes",
                    List.of(series),
                    (count, inner) -> {
                        inner.string(1, "componentType", "Store");
                        inner.int64(2, "componentCount", 1);
                        inner.int64(4, "seriesCount", count);
                    });
            out.message(2, "queryImpact", inner -> inner.int64(3, "totalQueriedSeries", series));
        };
    }
}
