package io.flarepath.symbolizer.binary.unwind;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What {@code readelf} says of call frames, read line by line. */
final class Readelf {
    /**
     * A row: columns as {@code frames-interp} prints them, with {@code exp} replaced by the text of
     * the expression, and what is undefined told from what was never mentioned.
     *
     * @param signal whether its common entry has the augmentation S
     */
    record Row(
            long start, long end, String cfa, String rbp, String rsp, String ra, boolean signal) {}

    /** Takes rows. */
    @FunctionalInterface
    interface RowTarget {
        void row(Row row) throws IOException;
    }

    private static final Pattern ENTRY =
            Pattern.compile(
                    "^[0-9a-f]{8,16} [0-9a-f]{8,16} [0-9a-f]{8,16} FDE cie=([0-9a-f]+)"
                            + " pc=([0-9a-f]+)\\.\\.([0-9a-f]+)");
    private static final Pattern COMMON =
            Pattern.compile(
                    "^([0-9a-f]{8,16}) [0-9a-f]{8,16} [0-9a-f]{8,16} CIE(?: \"([^\"]*)\")?.*");
    private static final Pattern ADVANCE = Pattern.compile(" to ([0-9a-f]+)$");
    private static final Pattern EXPRESSION = Pattern.compile("\\((DW_OP.*)\\)$");

    private Readelf() {}

    /** Texts of expressions by address, for each of the columns, of one entry. */
    private static final class Texts {
        final Map<String, String> now = new HashMap<>();
        final NavigableMap<Long, Map<String, String>> byAddress = new TreeMap<>();
        final Deque<Map<String, String>> remembered = new ArrayDeque<>();
    }

    /**
     * Hands over all rows of a section.
     *
     * @param section .eh_frame or .debug_frame: as readelf names it in its headings
     * @return the number of entries
     */
    static int rows(Path file, String section, RowTarget target) throws IOException {
        Map<String, NavigableMap<Long, Map<String, String>>> texts = texts(file, section);
        Interpreter interpreter = new Interpreter(texts, target);
        lines(file, "frames-interp", section, interpreter::line);
        interpreter.finish();
        return interpreter.entries;
    }

    @FunctionalInterface
    private interface LineTarget {
        void line(String line) throws IOException;
    }

    private static void lines(Path file, String dump, String section, LineTarget target)
            throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(
                        "readelf",
                        "-W",
                        "--debug-dump=no-follow-links",
                        "--debug-dump=" + dump,
                        file.toString());
        builder.environment().put("LC_ALL", "C");
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        Process process = builder.start();
        boolean wanted = false;
        try (BufferedReader reader =
                new BufferedReader(process.inputReader(StandardCharsets.ISO_8859_1), 1 << 16)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (line.startsWith("Contents of the ")) {
                    wanted = line.startsWith("Contents of the " + section + " section");
                } else if (wanted) {
                    target.line(line);
                }
            }
            if (process.waitFor() != 0) {
                throw new IllegalStateException("readelf cannot read " + file);
            }
        } catch (InterruptedException e) {
            throw new UncheckedIOException(new IOException(e));
        }
    }

    /**
     * Expressions and undefined registers of the entries that have any, by heading of the entry.
     */
    private static Map<String, NavigableMap<Long, Map<String, String>>> texts(
            Path file, String section) throws IOException {
        Map<String, NavigableMap<Long, Map<String, String>>> all = new HashMap<>();
        Map<String, Map<String, String>> initial = new HashMap<>();
        String[] heading = {""};
        Texts[] open = {null};
        long[] at = {0};
        Map<String, String>[] common = newArray();
        lines(
                file,
                "frames",
                section,
                line -> {
                    Matcher entry = ENTRY.matcher(line);
                    if (entry.find()) {
                        dropIfPlain(all, heading[0]);
                        heading[0] = line;
                        Texts texts = new Texts();
                        common[0] = initial.getOrDefault(entry.group(1), Map.of());
                        texts.now.putAll(common[0]);
                        at[0] = Long.parseUnsignedLong(entry.group(2), 16);
                        texts.byAddress.put(at[0], Map.copyOf(texts.now));
                        open[0] = texts;
                        all.put(line, texts.byAddress);
                        return;
                    }
                    Matcher shared = COMMON.matcher(line);
                    if (shared.find()) {
                        Texts texts = new Texts();
                        open[0] = texts;
                        at[0] = 0;
                        common[0] = Map.of();
                        initial.put(shared.group(1), texts.now);
                        return;
                    }
                    if (open[0] != null && line.startsWith("  DW_CFA_")) {
                        at[0] = instruction(line.trim(), open[0], common[0], at[0]);
                    }
                });
        dropIfPlain(all, heading[0]);
        return all;
    }

    private static void dropIfPlain(
            Map<String, NavigableMap<Long, Map<String, String>>> all, String heading) {
        var rows = all.get(heading);
        if (rows != null && rows.values().stream().allMatch(Map::isEmpty)) {
            all.remove(heading);
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, String>[] newArray() {
        return (Map<String, String>[]) new Map<?, ?>[1];
    }

    private static long instruction(
            String line, Texts texts, Map<String, String> initial, long address) {
        long at = address;
        String name = line.split("[: ]", 2)[0];
        Map<String, String> now = texts.now;
        switch (name) {
            case "DW_CFA_advance_loc",
                    "DW_CFA_advance_loc1",
                    "DW_CFA_advance_loc2",
                    "DW_CFA_advance_loc4",
                    "DW_CFA_set_loc" -> {
                Matcher to = ADVANCE.matcher(line);
                if (!to.find()) {
                    throw new IllegalStateException(line);
                }
                at = Long.parseUnsignedLong(to.group(1), 16);
            }
            case "DW_CFA_remember_state" -> texts.remembered.push(Map.copyOf(now));
            case "DW_CFA_restore_state" -> {
                now.clear();
                now.putAll(texts.remembered.pop());
            }
            case "DW_CFA_def_cfa_expression" -> now.put("CFA", expression(line));
            case "DW_CFA_def_cfa", "DW_CFA_def_cfa_sf" -> now.remove("CFA");
            case "DW_CFA_undefined" -> now.put(register(line), "undefined");
            case "DW_CFA_expression" -> now.put(register(line), "[" + expression(line) + "]");
            case "DW_CFA_val_expression" -> now.put(register(line), expression(line));
            case "DW_CFA_restore", "DW_CFA_restore_extended" -> {
                now.remove(register(line));
                if (initial.containsKey(register(line))) {
                    now.put(register(line), initial.get(register(line)));
                }
            }
            case "DW_CFA_offset",
                    "DW_CFA_offset_extended",
                    "DW_CFA_offset_extended_sf",
                    "DW_CFA_same_value",
                    "DW_CFA_register",
                    "DW_CFA_val_offset" ->
                    now.remove(register(line));
            default -> {} // changes none of the texts
        }
        texts.byAddress.put(at, Map.copyOf(now));
        return at;
    }

    private static String expression(String line) {
        Matcher matcher = EXPRESSION.matcher(line);
        if (!matcher.find()) {
            throw new IllegalStateException(line);
        }
        return matcher.group(1);
    }

    private static String register(String line) {
        Matcher matcher = Pattern.compile("r\\d+ \\((\\w+)\\)").matcher(line);
        if (!matcher.find()) {
            throw new IllegalStateException(line);
        }
        return matcher.group(1).equals("rip") ? "ra" : matcher.group(1);
    }

    private static final class Interpreter {
        private final Map<String, NavigableMap<Long, Map<String, String>>> texts;
        private final RowTarget target;
        private final Map<String, Boolean> signals = new HashMap<>();
        private final Map<String, Row> initial = new HashMap<>();
        private String common = "";
        private boolean inCommon;
        private boolean signal;
        private long end;
        private String heading = "";
        private List<String> columns = List.of();
        private @Nullable Row pending;
        int entries;

        Interpreter(Map<String, NavigableMap<Long, Map<String, String>>> texts, RowTarget target) {
            this.texts = texts;
            this.target = target;
        }

        void line(String line) throws IOException {
            Matcher entry = ENTRY.matcher(line);
            Matcher heads = COMMON.matcher(line);
            if (entry.find()) {
                finish();
                entries++;
                inCommon = false;
                common = entry.group(1);
                signal = signals.getOrDefault(common, false);
                long start = Long.parseUnsignedLong(entry.group(2), 16);
                end = Long.parseUnsignedLong(entry.group(3), 16);
                heading = line;
                Row first = initial.get(common);
                if (first == null) {
                    throw new IllegalStateException("no common entry for " + line);
                }
                // Entries without an instruction have no rows in the listing.
                pending = texted(start, first.cfa, first.rbp, first.rsp, first.ra);
            } else if (heads.find()) {
                finish();
                inCommon = true;
                common = heads.group(1);
                boolean isSignal = heads.group(2) != null && heads.group(2).contains("S");
                signals.put(common, isSignal);
                // One without an instruction has no row in the listing.
                initial.put(common, new Row(0, 0, "none", "u", "u", "u", isSignal));
            } else if (line.startsWith("   LOC")) {
                columns = Arrays.asList(line.trim().split(" +", -1));
            } else if (!line.isBlank() && Character.digit(line.charAt(0), 16) >= 0) {
                if (!line.endsWith("ZERO terminator")) {
                    row(line.replaceAll("r\\d+ \\((\\w+)\\)", "$1").trim().split(" +", -1));
                }
            }
        }

        private void row(String[] fields) throws IOException {
            if (fields.length != columns.size()) {
                throw new IllegalStateException(columns + " " + Arrays.toString(fields));
            }
            long start = Long.parseUnsignedLong(fields[0], 16);
            String cfa = field(fields, "CFA");
            String rbp = field(fields, "rbp");
            String rsp = field(fields, "rsp");
            String ra = field(fields, "ra");
            if (inCommon) {
                initial.put(common, new Row(0, 0, cfa, rbp, rsp, ra, signal));
                return;
            }
            hand(start);
            pending = texted(start, cfa, rbp, rsp, ra);
        }

        private String field(String[] fields, String name) {
            int column = columns.indexOf(name);
            return column < 0 ? "u" : fields[column];
        }

        /** Replaces what readelf shortens. */
        private Row texted(long start, String cfa, String rbp, String rsp, String ra) {
            var rows = texts.get(heading);
            var entry = rows == null ? null : rows.floorEntry(start);
            Map<String, String> now = entry == null ? Map.of() : entry.getValue();
            return new Row(
                    start,
                    end,
                    cfa.equals("exp") ? now.getOrDefault("CFA", cfa) : cfa,
                    text(rbp, "rbp", now),
                    text(rsp, "rsp", now),
                    text(ra, "ra", now),
                    signal);
        }

        private static String text(String shown, String register, Map<String, String> now) {
            boolean shortened = List.of("exp", "vexp", "u").contains(shown);
            return shortened ? now.getOrDefault(register, shown) : shown;
        }

        private void hand(long rowEnd) throws IOException {
            Row row = pending;
            pending = null;
            if (row != null && row.start < Math.min(rowEnd, end)) {
                target.row(
                        new Row(
                                row.start,
                                Math.min(rowEnd, end),
                                row.cfa,
                                row.rbp,
                                row.rsp,
                                row.ra,
                                row.signal));
            }
        }

        void finish() throws IOException {
            hand(end);
        }
    }
}
