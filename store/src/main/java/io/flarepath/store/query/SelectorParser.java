package io.flarepath.store.query;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads a selector; the grammar is PromQL's for label matchers. Label names may hold dots too, as
 * OpenTelemetry's do.
 */
final class SelectorParser {
    private final String text;
    private int at;

    private SelectorParser(String text) {
        this.text = text;
    }

    static Selector parse(String text) {
        SelectorParser parser = new SelectorParser(text);
        return parser.selector();
    }

    private Selector selector() {
        skipSpace();
        boolean braced = take('{');
        List<Matcher> matchers = new ArrayList<>();
        skipSpace();
        while (at < text.length() && text.charAt(at) != '}') {
            matchers.add(matcher());
            skipSpace();
            if (!take(',')) {
                break;
            }
            skipSpace();
        }
        if (braced && !take('}')) {
            throw expected("\"}\" or \",\"");
        }
        skipSpace();
        if (at < text.length()) {
            throw expected("the end");
        }
        return new Selector(matchers);
    }

    private Matcher matcher() {
        int start = at;
        while (at < text.length() && isNameCharacter(text.charAt(at))) {
            at++;
        }
        if (at == start) {
            throw expected("the name of a label");
        }
        String name = text.substring(start, at);
        skipSpace();
        Matcher.Operator operator = operator();
        skipSpace();
        return new Matcher(name, operator, quoted());
    }

    private static boolean isNameCharacter(char c) {
        return Character.isLetterOrDigit(c) || c == '_' || c == '.' || c == '-' || c == '/';
    }

    private Matcher.Operator operator() {
        if (text.startsWith("=~", at)) {
            at += 2;
            return Matcher.Operator.MATCHES;
        }
        if (text.startsWith("!~", at)) {
            at += 2;
            return Matcher.Operator.NOT_MATCHES;
        }
        if (text.startsWith("!=", at)) {
            at += 2;
            return Matcher.Operator.NOT_EQUAL;
        }
        if (take('=')) {
            return Matcher.Operator.EQUAL;
        }
        throw expected("one of = != =~ !~");
    }

    private String quoted() {
        if (!take('"')) {
            throw expected("a value in double quotes");
        }
        StringBuilder value = new StringBuilder();
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == '"') {
                return value.toString();
            }
            value.append(c == '\\' ? escaped() : c);
        }
        throw expected("the closing quote of a value");
    }

    private char escaped() {
        if (at >= text.length()) {
            throw expected("a character after \"\\\"");
        }
        char c = text.charAt(at++);
        return switch (c) {
            case '\\', '"' -> c;
            case 'n' -> '\n';
            case 't' -> '\t';
            case 'r' -> '\r';
            default -> throw expected("one of \\\\ \\\" \\n \\t \\r; \\" + c + " is none of them,");
        };
    }

    private boolean take(char c) {
        if (at < text.length() && text.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    private void skipSpace() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    private IllegalArgumentException expected(String what) {
        return new IllegalArgumentException(
                "expected " + what + " at character " + (at + 1) + " of the selector: " + text);
    }
}
