package io.flarepath.api.query.request;

import io.flarepath.api.server.ApiError;
import io.flarepath.store.profile.ProfileType;
import io.flarepath.store.query.Selector;
import io.vertx.core.MultiMap;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The parameters of a request's URL, read and checked; every error names the parameter. */
public final class Parameters {
    private final MultiMap values;

    private Parameters(MultiMap values) {
        this.values = values;
    }

    /** Reads the URL's query. */
    public static Parameters of(RoutingContext context) {
        try {
            return new Parameters(context.queryParams());
        } catch (HttpException | IllegalArgumentException e) {
            throw ApiError.invalid(
                    "the query of the URL cannot be decoded (a \"%\" must be followed by two"
                            + " hexadecimal digits of UTF-8)");
        }
    }

    /** A value, or null when it is absent or empty; twice is an error. */
    public @Nullable String optional(String name) {
        List<String> all = values.getAll(name);
        if (all.size() > 1) {
            throw ApiError.invalid(name + " is given " + all.size() + " times: give it once");
        }
        return all.isEmpty() || all.getFirst().isEmpty() ? null : all.getFirst();
    }

    /** A value or its default. */
    public String text(String name, String otherwise) {
        String value = optional(name);
        return value == null ? otherwise : value;
    }

    /** A value that must be there. */
    public String required(String name) {
        String value = optional(name);
        if (value == null) {
            throw ApiError.invalid("the parameter " + name + " is missing");
        }
        return value;
    }

    /** All values of a parameter that may be repeated, at most {@code most}. */
    public List<String> all(String name, int most) {
        List<String> all = values.getAll(name);
        if (all.size() > most) {
            throw ApiError.invalid(
                    name + " is given " + all.size() + " times, the limit is " + most);
        }
        return List.copyOf(all);
    }

    /** A whole number between 1 and {@code most}. */
    public int count(String name, int otherwise, int most) {
        long count = positive(name, otherwise);
        if (count > most) {
            throw ApiError.invalid(name + "=" + count + " is above the limit of " + most);
        }
        return (int) count;
    }

    /** A whole number of at least 1. */
    public long positive(String name, long otherwise) {
        String text = optional(name);
        if (text == null) {
            return otherwise;
        }
        try {
            long number = Long.parseLong(text);
            if (number >= 1) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Falls through: the answer is the same as for a number below 1.
        }
        throw ApiError.invalid(
                name + " must be a whole number of at least 1, not \"" + text + "\"");
    }

    /** Whether a parameter is {@code true}; it is not when it is absent. */
    public boolean flag(String name) {
        String text = text(name, "false");
        if (!text.equals("true") && !text.equals("false")) {
            throw ApiError.invalid(name + " must be true or false, not \"" + text + "\"");
        }
        return text.equals("true");
    }

    /** A selector; everything when it is absent. */
    public Selector selector(String name) {
        String text = optional(name);
        return text == null ? Selector.ALL : selectorOf(name, text);
    }

    /** The selector that the text holds. */
    public static Selector selectorOf(String name, String text) {
        try {
            return Selector.parse(text);
        } catch (IllegalArgumentException e) {
            throw ApiError.invalid(name + ": " + e.getMessage());
        }
    }

    /** A profile type's id; CPU when it is absent. */
    public ProfileType type(String name) {
        String text = optional(name);
        return text == null ? ProfileType.CPU : typeOf(name, text);
    }

    /** The profile type that the text names. */
    public static ProfileType typeOf(String name, String text) {
        try {
            return ProfileType.parse(text);
        } catch (IllegalArgumentException e) {
            throw ApiError.invalid(name + ": " + e.getMessage());
        }
    }
}
