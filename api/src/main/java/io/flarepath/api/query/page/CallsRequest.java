package io.flarepath.api.query.page;

import io.flarepath.api.query.request.Parameters;
import io.flarepath.api.query.request.ProfilerChoice;
import io.flarepath.api.server.ApiError;
import io.flarepath.store.call.CallFilter;
import io.flarepath.store.call.CallOrder;
import io.flarepath.store.call.CallPlace;
import io.flarepath.store.call.CallQuery;
import io.flarepath.store.call.CallRole;
import io.flarepath.store.query.Matcher;
import io.flarepath.store.query.Selector;
import io.vertx.ext.web.RoutingContext;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What {@code /api/v1/calls} reads from a request, and how a place among calls is written.
 *
 * @param query what is asked for, with one call more than is answered
 * @param service the one service that is asked for, or null
 */
record CallsRequest(CallQuery query, @Nullable String service) {
    private static final int DEFAULT_LIMIT = 100;
    private static final int MOST_LIMIT = 1_000;
    private static final int CURSOR_BYTES = 40;
    private static final Pattern DURATION =
            Pattern.compile("([0-9]{1,12}(?:\\.[0-9]{1,9})?)(ns|us|ms|s|m)");

    static CallsRequest of(RoutingContext context) {
        PageQuery asked = PageQuery.of(context);
        Parameters parameters = asked.parameters();
        String service = parameters.optional("service");
        Selector selector = asked.query().selector();
        if (service != null) {
            selector =
                    ProfilerChoice.and(
                            selector, new Matcher("service_name", Matcher.Operator.EQUAL, service));
        }
        CallQuery query =
                new CallQuery(
                        asked.query().tenant(),
                        selector,
                        asked.query().range(),
                        roles(parameters.optional("role")),
                        new CallQuery.Words(
                                parameters.optional("protocol"),
                                parameters.optional("method"),
                                parameters.optional("route"),
                                parameters.optional("status"),
                                parameters.optional("peer")),
                        flag(parameters, "error"),
                        nanos(parameters.optional("minDuration")),
                        trace(parameters.optional("traceId")),
                        order(parameters.text("order", "newest")),
                        place(parameters.optional("cursor")),
                        parameters.count("limit", DEFAULT_LIMIT, MOST_LIMIT) + 1);
        return new CallsRequest(query, new CallFilter(query).service());
    }

    private static Set<CallRole> roles(@Nullable String role) {
        if (role == null) {
            return EnumSet.allOf(CallRole.class);
        }
        for (CallRole one : CallRole.values()) {
            if (word(one).equals(role)) {
                return EnumSet.of(one);
            }
        }
        throw ApiError.invalid("role must be server, client, producer or consumer, not " + role);
    }

    /** A role as it is written. */
    static String word(CallRole role) {
        return role.name().toLowerCase(Locale.ROOT);
    }

    private static boolean flag(Parameters parameters, String name) {
        return switch (parameters.text(name, "false")) {
            case "true" -> true;
            case "false" -> false;
            default -> throw ApiError.invalid(name + " must be true or false");
        };
    }

    private static CallOrder order(String text) {
        return switch (text) {
            case "newest" -> CallOrder.NEWEST;
            case "slowest" -> CallOrder.SLOWEST;
            default -> throw ApiError.invalid("order must be newest or slowest, not " + text);
        };
    }

    private static long nanos(@Nullable String text) {
        if (text == null) {
            return 0;
        }
        var form = DURATION.matcher(text);
        if (!form.matches()) {
            throw ApiError.invalid(
                    "minDuration must be a number and a unit like 250ms (ns, us, ms, s, m), not \""
                            + text
                            + "\"");
        }
        double unit =
                switch (form.group(2)) {
                    case "ns" -> 1;
                    case "us" -> 1e3;
                    case "ms" -> 1e6;
                    case "s" -> 1e9;
                    default -> 60e9;
                };
        return Math.round(Double.parseDouble(form.group(1)) * unit);
    }

    /** Ids of 64 bits, as B3 may have them, are the second half of one. */
    private static CallQuery.@Nullable Trace trace(@Nullable String text) {
        if (text == null) {
            return null;
        }
        if ((text.length() != 16 && text.length() != 32) || !isHexadecimal(text)) {
            throw ApiError.invalid("traceId must be 32 or 16 hexadecimal digits");
        }
        int low = text.length() - 16;
        return new CallQuery.Trace(
                low == 0 ? 0 : HexFormat.fromHexDigitsToLong(text, 0, low),
                HexFormat.fromHexDigitsToLong(text, low, text.length()));
    }

    private static boolean isHexadecimal(String text) {
        return text.chars().allMatch(HexFormat::isHexDigit);
    }

    private static @Nullable CallPlace place(@Nullable String text) {
        if (text == null) {
            return null;
        }
        if (text.length() != 2 * CURSOR_BYTES || !isHexadecimal(text)) {
            throw ApiError.invalid("cursor must be the next of an answer to the same question");
        }
        ByteBuffer in = ByteBuffer.wrap(HexFormat.of().parseHex(text));
        return new CallPlace(in.getLong(), in.getLong(), in.getLong(), in.getLong(), in.getLong());
    }

    /** A place, to go on behind it. */
    static String cursor(CallPlace place) {
        return HexFormat.of()
                .formatHex(
                        ByteBuffer.allocate(CURSOR_BYTES)
                                .putLong(place.startNanos())
                                .putLong(place.durationNanos())
                                .putLong(place.traceHigh())
                                .putLong(place.traceLow())
                                .putLong(place.spanId())
                                .array());
    }
}
