package io.flarepath.api.server;

import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;
import java.util.regex.Pattern;

/** Whose data a request is about. */
public final class Tenant {
    /** The tenant of a server that has only one. */
    public static final String ANONYMOUS = "anonymous";

    private static final String HEADER = "X-Scope-OrgID";
    private static final String MULTITENANCY = "flarepath.multitenancy";
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9!\\-_.*'()]{1,150}");

    private Tenant() {}

    /** The handler that has to run before the first call of {@link #of}. */
    static Handler<RoutingContext> rule(boolean multitenancy) {
        return context -> {
            context.put(MULTITENANCY, multitenancy);
            context.next();
        };
    }

    /**
     * The tenant that the request names in {@code X-Scope-OrgID}; {@link #ANONYMOUS} when the
     * server has only one tenant.
     *
     * @throws ApiError 401 when there are several and the request names none
     */
    public static String of(RoutingContext context) {
        if (!Boolean.TRUE.equals(context.<Boolean>get(MULTITENANCY))) {
            return ANONYMOUS;
        }
        String name = context.request().getHeader(HEADER);
        if (name == null || name.isEmpty()) {
            throw new ApiError(
                    401,
                    "unauthenticated",
                    "the header " + HEADER + " is missing: this server has several tenants");
        }
        if (!NAME.matcher(name).matches() || name.equals(".") || name.equals("..")) {
            throw ApiError.invalid(
                    "the header "
                            + HEADER
                            + " must be 1 to 150 letters, digits or !-_.*'() and is not");
        }
        return name;
    }
}
