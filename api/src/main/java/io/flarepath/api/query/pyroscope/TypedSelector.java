package io.flarepath.api.query.pyroscope;

import io.flarepath.api.query.request.Parameters;
import io.flarepath.api.server.ApiError;
import io.flarepath.store.profile.ProfileType;
import io.flarepath.store.query.Matcher;
import io.flarepath.store.query.Selector;
import java.util.ArrayList;
import java.util.List;

/**
 * Pyroscope's query: {@code type{selector}}, or {@code {__name__="type",…}}.
 *
 * @param type of which type
 * @param selector of which series
 */
record TypedSelector(ProfileType type, Selector selector) {
    private static final int MAX_LENGTH = 16_384;

    /**
     * Reads a query.
     *
     * @param parameter the name of the parameter, for errors
     * @throws ApiError 400 with the place, or with what is missing
     */
    static TypedSelector parse(String parameter, String text) {
        if (text.length() > MAX_LENGTH) {
            throw ApiError.invalid(
                    parameter
                            + " has "
                            + text.length()
                            + " characters, the limit is "
                            + MAX_LENGTH);
        }
        int brace = text.indexOf('{');
        String id = (brace < 0 ? text : text.substring(0, brace)).strip();
        Selector all =
                brace < 0 ? Selector.ALL : Parameters.selectorOf(parameter, text.substring(brace));
        List<Matcher> others = new ArrayList<>();
        for (Matcher matcher : all.matchers()) {
            if (!namesType(matcher)) {
                others.add(matcher);
            } else if (id.isEmpty() || id.equals(matcher.value())) {
                id = matcher.value();
            } else {
                throw ApiError.invalid(
                        parameter
                                + " names two profile types: \""
                                + id
                                + "\" and \""
                                + matcher.value()
                                + "\"");
            }
        }
        if (id.isEmpty()) {
            throw ApiError.invalid(
                    parameter
                            + " must contain a profile-type selection, as in"
                            + " process_cpu:cpu:nanoseconds:cpu:nanoseconds{service_name=\"x\"}");
        }
        return new TypedSelector(Parameters.typeOf(parameter, id), new Selector(others));
    }

    private static boolean namesType(Matcher matcher) {
        boolean wholeId =
                matcher.name().equals("__profile_type__")
                        || (matcher.name().equals("__name__") && matcher.value().contains(":"));
        return wholeId && matcher.operator() == Matcher.Operator.EQUAL;
    }
}
