package io.flarepath.api.query.connect;

import io.flarepath.api.message.MessageWriter;
import io.flarepath.api.query.connect.ConnectMethod.Call;
import io.flarepath.api.query.export.Dot;
import io.flarepath.api.query.export.PprofMessage;
import io.flarepath.api.query.flamebearer.Flamebearer;
import io.flarepath.api.query.flamebearer.NamedTree;
import io.flarepath.api.query.flamebearer.TreeBytes;
import io.flarepath.api.query.flamebearer.TruncatedTree;
import io.flarepath.api.query.request.QueryLimits;
import io.flarepath.api.server.ApiError;
import io.flarepath.store.ProfileStore;
import io.flarepath.store.query.FlameTree;
import java.io.IOException;
import java.util.Map;

/** The methods that merge stacks. */
record MergeMethods(ProfileStore store, QueryLimits limits) {
    private static final int DEFAULT_NODES = 8_192;
    private static final int DEFAULT_BOXES = 100;
    private static final int DRAWN_NODES = 16_384;

    private enum Format {
        UNSPECIFIED,
        FLAMEGRAPH,
        TREE,
        DOT,
        PPROF
    }

    Map<String, ConnectMethod> methods() {
        return Map.of(
                "SelectMergeStacktraces",
                        new ConnectMethod(RequestSchemas.MERGE_STACKTRACES, this::stacktraces),
                "SelectMergeSpanProfile",
                        new ConnectMethod(RequestSchemas.MERGE_SPAN_PROFILE, this::stacktraces),
                "SelectMergeProfile",
                        new ConnectMethod(RequestSchemas.MERGE_PROFILE, this::profile),
                "Diff", new ConnectMethod(RequestSchemas.DIFF, this::diff));
    }

    private MessageWriter.Part stacktraces(Call call) throws IOException {
        MergeRequest request = MergeRequest.of(call.tenant(), call.request());
        Format format = call.request().choice("format", "PROFILE_FORMAT_", Format.class);
        if (format == null) {
            throw new ApiError(501, "unimplemented", "this profile format is not known here");
        }
        int nodes = nodes(request.maxNodes());
        return switch (format) {
            case UNSPECIFIED, FLAMEGRAPH -> {
                NamedTree tree = NamedTree.of(request.byFunction(store));
                Flamebearer graph = Flamebearer.of(tree, nodes, limits.nodes());
                yield out -> out.message(1, "flamegraph", graph::write);
            }
            case TREE -> {
                NamedTree tree = NamedTree.of(request.byFunction(store));
                byte[] bytes = TreeBytes.of(TruncatedTree.of(tree, nodes, limits.nodes()));
                yield out -> out.bytes(2, "tree", bytes);
            }
            case DOT -> {
                NamedTree tree = NamedTree.of(request.byFunction(store).top(DRAWN_NODES));
                int boxes = request.maxNodes() == 0 ? DEFAULT_BOXES : nodes;
                String dot = Dot.of(tree, request.query().type(), boxes);
                yield out -> out.string(3, "dot", dot);
            }
            case PPROF -> {
                MessageWriter.Part pprof = pprof(request);
                yield out -> out.message(5, "pprof", inner -> inner.message(1, "profile", pprof));
            }
        };
    }

    private int nodes(int wanted) {
        return wanted == 0
                ? Math.min(DEFAULT_NODES, limits.nodes())
                : limits.checkedNodes("maxNodes", wanted);
    }

    private MessageWriter.Part profile(Call call) {
        return pprof(MergeRequest.of(call.tenant(), call.request()));
    }

    private MessageWriter.Part pprof(MergeRequest request) {
        int nodes = request.maxNodes() == 0 ? 0 : nodes(request.maxNodes());
        FlameTree tree = request.byLine(store);
        return PprofMessage.of(
                nodes == 0 ? tree : tree.top(nodes),
                request.query().type(),
                request.query().range(),
                request.stacks().pgo());
    }

    private MessageWriter.Part diff(Call call) {
        MergeRequest left = side(call, "left");
        MergeRequest right = side(call, "right");
        if (!left.query().type().equals(right.query().type())) {
            throw ApiError.invalid(
                    "profile types must match: left has "
                            + left.query().type().id()
                            + ", right has "
                            + right.query().type().id());
        }
        int nodes = nodes(Math.max(left.maxNodes(), right.maxNodes()));
        NamedTree both = NamedTree.of(left.byFunction(store), right.byFunction(store));
        Flamebearer graph = Flamebearer.of(both, nodes, limits.nodes());
        return out -> out.message(1, "flamegraph", graph::write);
    }

    private static MergeRequest side(Call call, String name) {
        ConnectRequest side = call.request().message(name);
        if (side == null) {
            throw ApiError.invalid(name + " is required");
        }
        return MergeRequest.of(call.tenant(), side);
    }
}
