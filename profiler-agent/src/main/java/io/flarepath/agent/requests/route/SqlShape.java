package io.flarepath.agent.requests.route;

import java.util.Locale;

/**
 * What may be said of an SQL statement: which operation on which table, and its text without any
 * literal. Literals become {@code ?}, lists of them {@code ?} once, comments vanish. A statement
 * that was cut is read as far as it goes.
 *
 * @param operation first key word in capitals, {@code SELECT}, or empty
 * @param table first table that it names, as written without quotes, or empty
 * @param text normalised text, at most {@value #LONGEST} characters
 */
public record SqlShape(String operation, String table, String text) {
    /** Longest text that is kept. */
    public static final int LONGEST = 512;

    /** Nothing is known. */
    public static final SqlShape NONE = new SqlShape("", "", "");

    /** Reads a statement; of several in one text the first is told, the text has all. */
    public static SqlShape of(String sql) {
        return new Reader(sql).read();
    }

    private static final class Reader {
        private final String sql;
        private final StringBuilder text = new StringBuilder();
        private int at;
        private String operation = "";
        private String table = "";
        private boolean tableNext;
        private boolean nameGoesOn;
        private boolean lastWasLiteral;
        private boolean commaPending;
        private boolean escapesNext;

        Reader(String sql) {
            this.sql = sql;
        }

        SqlShape read() {
            while (at < sql.length() && text.length() < LONGEST) {
                char c = sql.charAt(at);
                if (c <= ' ') {
                    at++;
                } else if (sql.startsWith("--", at) || c == '#') {
                    at = after("\n", at);
                } else if (sql.startsWith("/*", at)) {
                    at = after("*/", at + 2);
                } else if (c == '\'') {
                    string('\'', escapesNext);
                    literal();
                } else if (c == '"' || c == '`') {
                    quotedName(c);
                } else if (c == '$' && dollarQuoted()) {
                    literal();
                } else if (isDigit(c) || (c == '.' && isDigit(peek(1)))) {
                    number();
                } else if (isLetter(c)) {
                    word();
                } else {
                    sign(c);
                }
            }
            text.setLength(Math.min(text.length(), LONGEST));
            return new SqlShape(operation, table, text.toString());
        }

        private char peek(int ahead) {
            return at + ahead < sql.length() ? sql.charAt(at + ahead) : 0;
        }

        private int after(String mark, int from) {
            int found = sql.indexOf(mark, from);
            return found < 0 ? sql.length() : found + mark.length();
        }

        /**
         * Passes over a string, in which a doubled quote stands for one. Whether a backslash
         * escapes is up to the server's settings (NO_BACKSLASH_ESCAPES,
         * standard_conforming_strings): where the two ways end it elsewhere, all that follows
         * counts as part of it.
         *
         * @param escapes whether a backslash does escape
         * @return whether it is known where it ends
         */
        private boolean string(char quote, boolean escapes) {
            int i = at + 1;
            escapesNext = false;
            while (i < sql.length()) {
                char c = sql.charAt(i);
                if (c == '\\' && quote != '`') {
                    i++;
                    if (i < sql.length() && sql.charAt(i) == quote && !escapes) {
                        at = sql.length();
                        return false;
                    }
                } else if (c == quote) {
                    if (i + 1 >= sql.length() || sql.charAt(i + 1) != quote) {
                        break;
                    }
                    i++;
                }
                i++;
            }
            at = Math.min(sql.length(), i + 1);
            return true;
        }

        /**
         * Double quotes hold names in standard SQL and strings in MySQL: only where a table must
         * stand, or after a dot, are they taken for a name.
         */
        private void quotedName(char quote) {
            int from = at + 1;
            boolean name = quote == '`' || tableNext || nameGoesOn;
            if (!string(quote, false) || !name) {
                literal();
                return;
            }
            int to = at > from && sql.charAt(at - 1) == quote ? at - 1 : at;
            name(sql.substring(Math.min(from, to), to));
        }

        /** {@code $tag$ … $tag$} of PostgreSQL; {@code $1} is none. */
        private boolean dollarQuoted() {
            int end = at + 1;
            while (end < sql.length() && (isLetter(sql.charAt(end)) || isDigit(sql.charAt(end)))) {
                end++;
            }
            if (end >= sql.length() || sql.charAt(end) != '$' || isDigit(peek(1))) {
                return false;
            }
            String tag = sql.substring(at, end + 1);
            at = after(tag, end + 1);
            return true;
        }

        private void literal() {
            tableNext = false;
            nameGoesOn = false;
            commaPending = false;
            if (!lastWasLiteral) {
                space();
                text.append('?');
            }
            lastWasLiteral = true;
        }

        private void number() {
            while (at < sql.length() && (isLetter(peek(0)) || isDigit(peek(0)) || peek(0) == '.')) {
                boolean exponent = peek(0) == 'e' || peek(0) == 'E';
                at += exponent && (peek(1) == '-' || peek(1) == '+') ? 2 : 1;
            }
            literal();
        }

        private void word() {
            int from = at;
            while (at < sql.length() && (isLetter(peek(0)) || isDigit(peek(0)) || peek(0) == '$')) {
                at++;
            }
            String word = sql.substring(from, at);
            String upper = word.toUpperCase(Locale.ROOT);
            if (peek(0) == '\'' && word.length() <= 2) {
                // E'…', N'…', x'…': the prefix belongs to the literal.
                escapesNext = upper.equals("E");
                return;
            }
            if (operation.isEmpty()) {
                operation = upper.length() <= 32 ? upper : "";
                append(upper);
                tableNext = upper.equals("UPDATE") || upper.equals("TABLE") || upper.equals("COPY");
                return;
            }
            switch (upper) {
                case "FROM", "INTO", "JOIN", "TABLE", "UPDATE" -> {
                    append(upper);
                    tableNext = table.isEmpty();
                }
                case "ONLY", "IF", "NOT", "EXISTS", "LOW_PRIORITY", "IGNORE", "DELAYED" -> {
                    append(upper);
                }
                default -> name(word);
            }
        }

        private void name(String name) {
            boolean isTable = tableNext || (nameGoesOn && table.endsWith("."));
            append(name);
            if (isTable && table.length() + name.length() < 128) {
                table = table + name;
                nameGoesOn = peek(0) == '.';
            } else {
                nameGoesOn = peek(0) == '.';
            }
            tableNext = false;
        }

        private void sign(char c) {
            at++;
            if (c == '.' && nameGoesOn) {
                text.append('.');
                if (!table.isEmpty()
                        && table.indexOf('.') < 0
                        && text.toString().endsWith(table + ".")) {
                    table = table + ".";
                }
                return;
            }
            tableNext = false;
            if (c == ',' && lastWasLiteral) {
                // 1, 2, 3 are as many values as there happen to be.
                commaPending = true;
                return;
            }
            boolean mark = c == '?' || (c == '$' && isDigit(peek(0)));
            if (mark) {
                while (isDigit(peek(0))) {
                    at++;
                }
                literal();
                return;
            }
            endLiterals();
            if (c != ',' && c != ')' && c != ';') {
                space();
            }
            text.append(c);
            nameGoesOn = false;
        }

        private void endLiterals() {
            if (commaPending) {
                text.append(',');
            }
            commaPending = false;
            lastWasLiteral = false;
        }

        private void append(String word) {
            endLiterals();
            if (!nameGoesOn) {
                space();
            }
            text.append(word);
        }

        private void space() {
            int length = text.length();
            if (length > 0 && text.charAt(length - 1) != '(' && text.charAt(length - 1) != ' ') {
                text.append(' ');
            }
        }

        private static boolean isDigit(char c) {
            return c >= '0' && c <= '9';
        }

        private static boolean isLetter(char c) {
            return c == '_' || c == '@' || c >= 128 || Character.isLetter(c);
        }
    }
}
