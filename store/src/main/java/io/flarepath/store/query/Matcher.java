package io.flarepath.store.query;

import io.flarepath.store.profile.Labels;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** One condition on one label. A label that is absent has the empty value, as in PromQL. */
public final class Matcher {
    /** How the value is compared. */
    public enum Operator {
        /** Equal. */
        EQUAL("="),
        /** Not equal. */
        NOT_EQUAL("!="),
        /** The whole value matches the regular expression. */
        MATCHES("=~"),
        /** The whole value does not match it. */
        NOT_MATCHES("!~");

        private final String sign;

        Operator(String sign) {
            this.sign = sign;
        }

        /** As it is written in a selector. */
        public String sign() {
            return sign;
        }
    }

    private final String name;
    private final Operator operator;
    private final String value;
    private final Pattern pattern;

    /**
     * Makes a matcher.
     *
     * @throws IllegalArgumentException when a regular expression cannot be read
     */
    public Matcher(String name, Operator operator, String value) {
        this.name = name;
        this.operator = operator;
        this.value = value;
        boolean regex = operator == Operator.MATCHES || operator == Operator.NOT_MATCHES;
        try {
            this.pattern = Pattern.compile(regex ? value : Pattern.quote(value), Pattern.DOTALL);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    "the regular expression of label \""
                            + name
                            + "\" cannot be read: "
                            + e.getMessage(),
                    e);
        } catch (StackOverflowError e) {
            throw new IllegalArgumentException(
                    "the regular expression of label \"" + name + "\" is nested too deeply", e);
        }
    }

    /** The label's name. */
    public String name() {
        return name;
    }

    /** The comparison. */
    public Operator operator() {
        return operator;
    }

    /** What the label's value is compared with. */
    public String value() {
        return value;
    }

    /**
     * Whether one value fulfils the condition.
     *
     * @throws IllegalArgumentException when a regular expression takes too many steps
     */
    public boolean matchesValue(String labelValue) {
        return switch (operator) {
            case EQUAL -> labelValue.equals(value);
            case NOT_EQUAL -> !labelValue.equals(value);
            case MATCHES -> BoundedMatch.matches(pattern, labelValue);
            case NOT_MATCHES -> !BoundedMatch.matches(pattern, labelValue);
        };
    }

    /** Whether the series' label fulfils the condition. */
    public boolean matches(Labels labels) {
        String labelValue = labels.get(name);
        return matchesValue(labelValue == null ? "" : labelValue);
    }

    @Override
    public String toString() {
        return name + operator.sign() + "\"" + value + "\"";
    }
}
