package io.flarepath.api.server;

import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Whose data a request is about. */
public final class Tenant {
    /** The tenant of a server that has only one. */
    public static final String ANONYMOUS = "anonymous";

    private static final String HEADER = "X-Scope-OrgID";
    private static final char SEPARATOR = '|';
    private static final int MOST_READ = 100;
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
     * Whose profiles a request reads: several tenants are joined by bars, in order, each once.
     *
     * @throws ApiError 401 when there are several tenants and the request names none
     */
    public static String forReading(RoutingContext context) {
        String header = context.request().getHeader(HEADER);
        if (header == null || header.indexOf(SEPARATOR) < 0 || !hasSeveral(context)) {
            return of(context);
        }
        TreeSet<String> names = new TreeSet<>();
        for (String name : header.split("\\|", -1)) {
            names.add(checked(context, name));
        }
        if (names.size() > MOST_READ) {
            throw ApiError.invalid(
                    "the header "
                            + HEADER
                            + " names "
                            + names.size()
                            + " tenants, the limit is "
                            + MOST_READ);
        }
        return String.join(String.valueOf(SEPARATOR), names);
    }

    /** The tenants that {@link #forReading} joined. */
    public static List<String> split(String tenants) {
        return List.of(tenants.split("\\|", -1));
    }

    private static boolean hasSeveral(RoutingContext context) {
        return Boolean.TRUE.equals(context.<Boolean>get(MULTITENANCY));
    }

    /**
     * The tenant that the request names in {@code X-Scope-OrgID}; {@link #ANONYMOUS} when the
     * server has only one tenant.
     *
     * @throws ApiError 401 when there are several and the request names none
     */
    public static String of(RoutingContext context) {
        if (!hasSeveral(context)) {
            return ANONYMOUS;
        }
        String name = context.request().getHeader(HEADER);
        if (name == null || name.isEmpty()) {
            name = Access.tenant(context);
        }
        if (name == null || name.isEmpty()) {
            throw new ApiError(
                    401,
                    "unauthenticated",
                    "the header " + HEADER + " is missing: this server has several tenants");
        }
        return checked(context, name);
    }

    private static String checked(RoutingContext context, String name) {
        if (!NAME.matcher(name).matches() || name.equals(".") || name.equals("..")) {
            throw ApiError.invalid(
                    "the header "
                            + HEADER
                            + " must be 1 to 150 letters, digits or !-_.*'() and is not");
        }
        Access.checkTenant(context, name);
        return name;
    }
}
