package io.flarepath.symbolizer.binary.unwind;

import io.flarepath.symbolizer.binary.unwind.UnwindRule.Kind;
import io.flarepath.symbolizer.binary.unwind.UnwindRule.Saved;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Compares a table, address by address, with what readelf says of call frames. */
final class FrameOracle {
    /**
     * What came of it.
     *
     * @param inexpressible rows for which there is no rule, with their text
     * @param differences rows of which the table says something else
     */
    record Comparison(
            int entries,
            int rows,
            long addresses,
            List<String> inexpressible,
            List<String> differences) {}

    private static final List<String> REGISTERS =
            List.of(
                    "rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10",
                    "r11", "r12", "r13", "r14", "r15");
    private static final Pattern SUM = Pattern.compile("^([a-z0-9]+)([+-]\\d+)$");
    private static final String BREG = "DW_OP_breg\\d+ \\((\\w+)\\): (-?\\d+)";
    private static final Pattern PLACE = Pattern.compile("^\\[" + BREG + "\\]$");
    private static final Pattern PLAIN = Pattern.compile("^" + BREG + "$");
    private static final Pattern DEREF =
            Pattern.compile("^" + BREG + "; DW_OP_deref(?:; DW_OP_plus_uconst: (\\d+))?$");
    private static final Pattern STUB =
            Pattern.compile(
                    "^DW_OP_breg7 \\(rsp\\): (\\d+); DW_OP_breg16 \\(rip\\): 0; DW_OP_lit15;"
                            + " DW_OP_and; DW_OP_lit(\\d+); DW_OP_ge; DW_OP_lit3; DW_OP_shl;"
                            + " DW_OP_plus$");

    private FrameOracle() {}

    static Comparison compare(Path file, String section, UnwindTable table) throws IOException {
        int[] rows = {0};
        long[] addresses = {0};
        List<String> inexpressible = new ArrayList<>();
        List<String> differences = new ArrayList<>();
        int entries =
                Readelf.rows(
                        file,
                        section,
                        row -> {
                            rows[0]++;
                            UnwindRule rule = expected(row);
                            if (rule == null) {
                                inexpressible.add(row.toString());
                            }
                            UnwindRule wanted = rule == null ? UnwindRule.UNKNOWN : rule;
                            for (long at = row.start(); at < row.end(); at++) {
                                addresses[0]++;
                                UnwindRule found = table.find(at);
                                if (!found.equals(wanted) && differences.size() < 20) {
                                    differences.add(
                                            Long.toHexString(at) + " in " + row + ": " + found);
                                    break;
                                }
                            }
                        });
        return new Comparison(entries, rows[0], addresses[0], inexpressible, differences);
    }

    /** The rule that says the same; null if the format has none. */
    private static @Nullable UnwindRule expected(Readelf.Row row) {
        if (row.signal()) {
            return signal(row);
        }
        if (row.ra().equals("undefined")) {
            return UnwindRule.STOP;
        }
        Matcher stub = STUB.matcher(row.cfa());
        if (stub.matches()) {
            boolean plain =
                    row.rbp().equals("u") && row.rsp().equals("u") && row.ra().equals("c-8");
            return plain ? rule(Kind.PLT, 0, Saved.SAME, 0, stub.group(1), 0, stub.group(2)) : null;
        }
        int returnRegister = row.ra().equals("c-8") ? 0 : REGISTERS.indexOf(row.ra()) + 1;
        boolean returns = row.ra().equals("c-8") || returnRegister > 0;
        if (!returns || !row.rsp().equals("u")) {
            return null;
        }
        Saved saved = Saved.SAME;
        String savedOffset = "0";
        Matcher place = PLACE.matcher(row.rbp());
        if (row.rbp().equals("undefined")) {
            saved = Saved.UNDEFINED;
        } else if (row.rbp().startsWith("c")) {
            saved = Saved.AT_CFA;
            savedOffset = row.rbp().substring(1);
        } else if (place.matches() && place.group(1).equals("rbp")) {
            saved = Saved.AT_FP;
            savedOffset = place.group(2);
        } else if (!row.rbp().equals("u") && !row.rbp().equals("s")) {
            return null;
        }
        int fp = Integer.parseInt(savedOffset);
        if (fp != (short) fp) {
            return null;
        }
        Matcher sum = SUM.matcher(row.cfa());
        Matcher plain = PLAIN.matcher(row.cfa());
        Matcher deref = DEREF.matcher(row.cfa());
        if (sum.matches() || plain.matches()) {
            Matcher parts = sum.matches() ? sum : plain;
            int register = REGISTERS.indexOf(parts.group(1));
            return switch (register) {
                case -1 -> null;
                case UnwindRule.RSP ->
                        rule(Kind.CFA_SP, 0, saved, returnRegister, parts.group(2), fp, "0");
                case UnwindRule.RBP ->
                        rule(Kind.CFA_FP, 0, saved, returnRegister, parts.group(2), fp, "0");
                default ->
                        rule(
                                Kind.CFA_REGISTER,
                                register,
                                saved,
                                returnRegister,
                                parts.group(2),
                                fp,
                                "0");
            };
        }
        if (deref.matches()) {
            String addend = deref.group(3) == null ? "0" : deref.group(3);
            return switch (deref.group(1)) {
                case "rsp" ->
                        rule(
                                Kind.CFA_SP_DEREF,
                                0,
                                saved,
                                returnRegister,
                                deref.group(2),
                                fp,
                                addend);
                case "rbp" ->
                        rule(
                                Kind.CFA_FP_DEREF,
                                0,
                                saved,
                                returnRegister,
                                deref.group(2),
                                fp,
                                addend);
                default -> null;
            };
        }
        return null;
    }

    private static UnwindRule rule(
            Kind kind,
            int register,
            Saved saved,
            int returnRegister,
            String offset,
            int savedOffset,
            String addend) {
        return new UnwindRule(
                kind,
                register,
                saved,
                returnRegister,
                Integer.parseInt(offset),
                savedOffset,
                Integer.parseInt(addend));
    }

    /** A ucontext has rbp, rsp and rip at 120, 160 and 168. */
    private static @Nullable UnwindRule signal(Readelf.Row row) {
        Matcher rip = PLACE.matcher(row.ra());
        Matcher rbp = PLACE.matcher(row.rbp());
        Matcher rsp = PLACE.matcher(row.rsp());
        boolean all = rip.matches() && rbp.matches() && rsp.matches();
        if (!all
                || !rip.group(1).equals("rsp")
                || !rbp.group(1).equals("rsp")
                || !rsp.group(1).equals("rsp")) {
            return null;
        }
        int ucontext = Integer.parseInt(rip.group(2)) - 168;
        return Integer.parseInt(rbp.group(2)) == ucontext + 120
                        && Integer.parseInt(rsp.group(2)) == ucontext + 160
                ? rule(Kind.SIGNAL, 0, Saved.SAME, 0, Integer.toString(ucontext), 0, "0")
                : null;
    }
}
