package io.flarepath.store.query;

import io.flarepath.store.profile.Labels;
import java.util.List;

/**
 * A set of matchers that a series must fulfil, as in {@code {service_name="checkout",pod=~"a.*"}}.
 *
 * @param matchers all of them must hold; none selects everything
 */
public record Selector(List<Matcher> matchers) {

    /** Selects every series. */
    public static final Selector ALL = new Selector(List.of());

    /** Keeps a copy. */
    public Selector {
        matchers = List.copyOf(matchers);
    }

    /** Whether a series is selected. */
    public boolean matches(Labels labels) {
        for (Matcher matcher : matchers) {
            if (!matcher.matches(labels)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Reads PromQL's form with or without braces; values in double quotes with Go escapes.
     *
     * @throws IllegalArgumentException with the place and what was expected there
     */
    public static Selector parse(String text) {
        return SelectorParser.parse(text);
    }
}
