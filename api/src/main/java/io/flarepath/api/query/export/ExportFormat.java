package io.flarepath.api.query.export;

import com.fasterxml.jackson.core.JsonGenerator;
import io.flarepath.api.query.flamebearer.NamedTree;
import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.JsonAnswer;
import io.flarepath.store.profile.ProfileType;
import io.flarepath.store.query.FlameTree;
import io.flarepath.store.query.TimeRange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The formats in which a flame graph can be taken elsewhere. */
public enum ExportFormat {
    /** For {@code go tool pprof} and everything else that reads pprof; whole, with lines. */
    PPROF("application/octet-stream", "profile.pb.gz", true),
    /** A pprof for {@code go build -pgo}: what its compiler looks at. */
    PGO("application/octet-stream", "default.pgo", true),
    /** For flamegraph.pl and its like. */
    COLLAPSED("text/plain; charset=utf-8", "profile.collapsed.txt", false),
    /** For speedscope. */
    SPEEDSCOPE("application/json", "profile.speedscope.json", false),
    /** For Graphviz. */
    DOT("text/plain; charset=utf-8", "profile.dot", false);

    /** A drawing of more is not readable, and counting recursion takes the depth of each node. */
    private static final int DRAWN_NODES = 16_384;

    private final String contentType;
    private final String fileName;
    private final boolean byLine;

    ExportFormat(String contentType, String fileName, boolean byLine) {
        this.contentType = contentType;
        this.fileName = fileName;
        this.byLine = byLine;
    }

    /** The value of the header Content-Type. */
    public String contentType() {
        return contentType;
    }

    /** What a browser calls the file. */
    public String fileName() {
        return fileName;
    }

    /** Whether it wants a tree that tells lines apart. */
    public boolean byLine() {
        return byLine;
    }

    /** The format of a name; empty for any other. */
    public static Optional<ExportFormat> named(String name) {
        return Stream.of(values()).filter(format -> format.word().equals(name)).findFirst();
    }

    /**
     * The format of a name.
     *
     * @throws ApiError 400 for any other, with those that there are
     */
    public static ExportFormat required(String name) {
        return named(name)
                .orElseThrow(() ->
                        ApiError.invalid(
                                "format must be json or one of "
                                        + Stream.of(values())
                                                .map(ExportFormat::word)
                                                .collect(Collectors.joining(", "))
                                        + ", not "
                                        + name));
    }

    private String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The file.
     *
     * @param boxes most functions of a call graph
     */
    public byte[] write(FlameTree tree, ProfileType type, TimeRange range, int boxes)
            throws IOException {
        return switch (this) {
            case PPROF -> PprofMessage.file(tree, type, range, Pgo.NOTHING_LEFT_OUT);
            case PGO -> PprofMessage.file(tree, type, range, Pgo.DEFAULT);
            case COLLAPSED -> Collapsed.of(NamedTree.of(tree));
            case SPEEDSCOPE -> speedscope(tree, type);
            case DOT ->
                    Dot.of(NamedTree.of(tree.top(DRAWN_NODES)), type, boxes)
                            .getBytes(StandardCharsets.UTF_8);
        };
    }

    private static byte[] speedscope(FlameTree tree, ProfileType type) throws IOException {
        return JsonAnswer.encode(
                (JsonGenerator json) -> Speedscope.write(json, tree, type, type.id()));
    }
}
