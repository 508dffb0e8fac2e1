package io.flarepath.api.query.connect;

import static java.util.stream.Collectors.toSet;

import io.flarepath.api.query.request.Parameters;
import io.flarepath.api.query.request.ProfilerChoice;
import io.flarepath.api.server.ApiError;
import io.flarepath.store.ProfileStore;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.profile.ProfileType;
import io.flarepath.store.query.FlameTree;
import io.flarepath.store.query.JoinedTrees;
import io.flarepath.store.query.Matcher;
import io.flarepath.store.query.ProfileQuery;
import io.flarepath.store.query.Selector;
import io.flarepath.store.query.SpanSelection;
import io.flarepath.store.query.SpanSelection.TraceId;
import io.flarepath.store.query.TimeRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Which stacks a request of the querier asks for.
 *
 * @param query type, series, time
 * @param maxNodes how many nodes at most, 0 when the request does not say
 * @param stacks only these stacks
 * @param profileIds only these profiles, all when there are none
 * @param spans only samples of these spans or traces, all when there are none
 */
record MergeRequest(
        ProfileQuery query,
        int maxNodes,
        StackSelection stacks,
        List<UUID> profileIds,
        SpanSelection spans) {
    private static final int MOST_IDS = 1_000;
    private static final Pattern SPAN_ID = Pattern.compile("[0-9a-fA-F]{16}");
    private static final Pattern TRACE_ID = Pattern.compile("[0-9a-fA-F]{32}");

    /** Reads and checks; errors are 400 and name the field. */
    static MergeRequest of(String tenant, ConnectRequest request) {
        List<String> spans = ids(request, "spanSelector", SPAN_ID, "16 hexadecimal digits");
        List<String> traces = ids(request, "traceIdSelector", TRACE_ID, "32 hexadecimal digits");
        if (!spans.isEmpty() && !traces.isEmpty()) {
            throw ApiError.invalid("spanSelector and traceIdSelector cannot go together");
        }
        return new MergeRequest(
                query(tenant, request),
                maxNodes(request),
                StackSelection.of(request),
                profileIds(request),
                new SpanSelection(
                        spans.stream().map(MergeRequest::half).collect(toSet()),
                        traces.stream()
                                .map(trace ->
                                        new TraceId(
                                                half(trace.substring(0, 16)),
                                                half(trace.substring(16))))
                                .collect(toSet())));
    }

    private static long half(String digits) {
        return Long.parseUnsignedLong(digits, 16);
    }

    private boolean isOfSpans() {
        return !spans.spans().isEmpty() || !spans.traces().isEmpty();
    }

    /** Type, series and time, which every request has. */
    static ProfileQuery query(String tenant, ConnectRequest request) {
        ProfileType type = Parameters.typeOf("profileTypeID", request.required("profileTypeID"));
        String selector = request.text("labelSelector");
        if (selector.isBlank()) {
            throw ApiError.invalid("labelSelector is required: write {} for everything");
        }
        return new ProfileQuery(
                tenant, type, Parameters.selectorOf("labelSelector", selector), request.range());
    }

    private static int maxNodes(ConnectRequest request) {
        long wanted = request.number("maxNodes");
        if (wanted < 0 || wanted > Integer.MAX_VALUE) {
            throw ApiError.invalid("maxNodes must be between 0 and 2^31 - 1, not " + wanted);
        }
        return (int) wanted;
    }

    private static List<String> ids(
            ConnectRequest request, String name, Pattern form, String words) {
        List<String> ids = request.texts(name);
        if (ids.size() > MOST_IDS) {
            throw ApiError.invalid(name + " has more than " + MOST_IDS + " ids");
        }
        for (String id : ids) {
            if (!form.matcher(id).matches()) {
                throw ApiError.invalid(
                        name + " must hold ids of " + words + ", not \"" + id + "\"");
            }
        }
        return ids;
    }

    private static List<UUID> profileIds(ConnectRequest request) {
        List<UUID> ids = new ArrayList<>();
        for (String text : request.texts("profileIdSelector")) {
            try {
                ids.add(UUID.fromString(text));
            } catch (IllegalArgumentException e) {
                throw ApiError.invalid("profileIdSelector must hold UUIDs, not \"" + text + "\"");
            }
        }
        if (ids.size() > MOST_IDS) {
            throw ApiError.invalid("profileIdSelector has more than " + MOST_IDS + " ids");
        }
        return ids;
    }

    /** The stacks by function, merged. Blocks. */
    FlameTree byFunction(ProfileStore store) {
        stacks.checkWithoutPgo();
        return tree(store, false);
    }

    /** The stacks by line, merged. Blocks. */
    FlameTree byLine(ProfileStore store) {
        return tree(store, true);
    }

    private FlameTree tree(ProfileStore store, boolean lines) {
        List<FlameTree> trees = new ArrayList<>();
        if (profileIds.isEmpty()) {
            trees.add(merge(store, query, lines));
        } else {
            for (UUID id : profileIds) {
                addProfile(store, id, lines, trees);
            }
        }
        FlameTree whole = JoinedTrees.of(trees);
        return stacks.callSite().isEmpty() ? whole : whole.focus(stacks.callSite());
    }

    private void addProfile(ProfileStore store, UUID id, boolean lines, List<FlameTree> trees) {
        long start = ProfileIds.startNanos(id);
        if (!query.range().contains(start)) {
            return;
        }
        TimeRange instant = new TimeRange(start, start + 1);
        Selector ofType = ProfilerChoice.withType(query);
        for (Labels series : store.series(query.tenant(), ofType, instant, List.of())) {
            if (ProfileIds.isOf(id, series)) {
                Selector narrowed = narrowed(query.selector(), series);
                trees.add(
                        merge(
                                store,
                                new ProfileQuery(query.tenant(), query.type(), narrowed, instant),
                                lines));
            }
        }
    }

    /** The selector, and all labels of a group. */
    static Selector narrowed(Selector selector, Labels group) {
        Selector narrowed = selector;
        for (Map.Entry<String, String> label : group.asMap().entrySet()) {
            narrowed =
                    ProfilerChoice.and(
                            narrowed,
                            new Matcher(label.getKey(), Matcher.Operator.EQUAL, label.getValue()));
        }
        return narrowed;
    }

    private FlameTree merge(ProfileStore store, ProfileQuery query, boolean lines) {
        if (isOfSpans()) {
            return store.mergeSpans(query, spans, lines);
        }
        return lines ? store.mergeLines(query) : store.merge(query);
    }
}
