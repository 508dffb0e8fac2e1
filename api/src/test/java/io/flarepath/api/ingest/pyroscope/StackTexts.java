package io.flarepath.api.ingest.pyroscope;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes stacks, {@code root;…;leaf} with their counts, in the formats that clients write. */
public final class StackTexts {
    private StackTexts() {}

    private static final class Node {
        private final Map<String, Node> children = new TreeMap<>();
        private long value;
    }

    /** The format {@code tree}. */
    public static byte[] tree(Map<String, Long> stacks) {
        Node root = new Node();
        stacks.forEach((stack, count) -> {
            Node node = root;
            for (String frame : stack.split(";", -1)) {
                node = node.children.computeIfAbsent(frame, name -> new Node());
            }
            node.value += count;
        });
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        write(out, "".getBytes(StandardCharsets.UTF_8), root);
        return out.toByteArray();
    }

    private static void write(ByteArrayOutputStream out, byte[] name, Node node) {
        node(out, name, node.value, node.children.size());
        node.children.forEach(
                (child, below) -> write(out, child.getBytes(StandardCharsets.UTF_8), below));
    }

    /** The format {@code trie}: what stacks have in common, byte by byte, is written once. */
    public static byte[] trie(Map<String, Long> stacks) {
        List<byte[]> keys = new ArrayList<>();
        List<Long> counts = new ArrayList<>();
        new TreeMap<>(stacks)
                .forEach((stack, count) -> {
                    keys.add(stack.getBytes(StandardCharsets.UTF_8));
                    counts.add(count);
                });
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Range all = new Range(keys, counts, 0, keys.size());
        List<Range> children = all.children(0);
        node(out, new byte[0], 0, children.size());
        children.forEach(child -> child.write(out, 0));
        return out.toByteArray();
    }

    /** The keys from one index to another, which begin alike. */
    private record Range(List<byte[]> keys, List<Long> counts, int from, int to) {
        private void write(ByteArrayOutputStream out, int above) {
            int common = common();
            boolean ends = keys.get(from).length == common;
            Range rest = new Range(keys, counts, ends ? from + 1 : from, to);
            List<Range> children = rest.children(common);
            byte[] fragment = Arrays.copyOfRange(keys.get(from), above, Math.max(above, common));
            node(out, fragment, ends ? counts.get(from) : 0, children.size());
            children.forEach(child -> child.write(out, common));
        }

        private int common() {
            int common = keys.get(from).length;
            for (int i = from + 1; i < to; i++) {
                int differs = Arrays.mismatch(keys.get(from), keys.get(i));
                common = differs < 0 ? common : Math.min(common, differs);
            }
            return common;
        }

        /** Keys that go on with the same byte. */
        private List<Range> children(int at) {
            List<Range> children = new ArrayList<>();
            int start = from;
            for (int i = from + 1; i <= to; i++) {
                if (i == to || keys.get(i)[at] != keys.get(start)[at]) {
                    if (i > start) {
                        children.add(new Range(keys, counts, start, i));
                    }
                    start = i;
                }
            }
            return children;
        }
    }

    /** The format {@code lines}. */
    public static byte[] lines(Map<String, Long> stacks) {
        StringBuilder text = new StringBuilder();
        stacks.forEach((stack, count) -> text.append((stack + "\n").repeat(count.intValue())));
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** One node of {@code tree} and {@code trie}. */
    public static void node(ByteArrayOutputStream out, byte[] name, long value, long children) {
        number(out, name.length);
        out.writeBytes(name);
        number(out, value);
        number(out, children);
    }

    private static void number(ByteArrayOutputStream out, long value) {
        long left = value;
        while (left >= 0x80) {
            out.write((int) (left & 0x7f) | 0x80);
            left >>>= 7;
        }
        out.write((int) left);
    }
}
