package io.flarepath.api.query.flamebearer;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * A tree in the binary form that Pyroscope's services exchange (format TREE): nodes in pre-order,
 * each length of the name, name, self, number of children; the root has no name, and of children
 * the last comes first.
 */
public final class TreeBytes {
    private TreeBytes() {}

    /** Node -1 is an "other" under {@code above}. */
    private record Pending(int node, int above) {}

    /** The bytes of the first side of a tree. */
    public static byte[] of(TruncatedTree truncated) throws IOException {
        NamedTree tree = truncated.tree();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(4_096);
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        Deque<Pending> waiting = new ArrayDeque<>();
        waiting.push(new Pending(0, -1));
        while (!waiting.isEmpty()) {
            Pending each = waiting.pop();
            if (each.node < 0) {
                write(out, TruncatedTree.OTHER, truncated.cut(0, each.above), 0);
                continue;
            }
            List<Pending> below = new ArrayList<>();
            for (int child : truncated.children(each.node)) {
                below.add(new Pending(child, each.node));
            }
            if (truncated.isCut(each.node)) {
                below.add(new Pending(-1, each.node));
            }
            String name = each.node == 0 ? "" : tree.name(each.node);
            write(out, name, tree.self(0, each.node), below.size());
            // The last that is pushed is written next.
            below.forEach(waiting::push);
        }
        out.flush();
        return bytes.toByteArray();
    }

    private static void write(CodedOutputStream out, String name, long self, int children)
            throws IOException {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        out.writeUInt32NoTag(text.length);
        out.writeRawBytes(text);
        out.writeUInt64NoTag(self);
        out.writeUInt32NoTag(children);
    }
}
