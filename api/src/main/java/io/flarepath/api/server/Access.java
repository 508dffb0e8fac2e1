package io.flarepath.api.server;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who may do what. A token comes as {@code Authorization: Bearer TOKEN}, or as the password of
 * {@code Basic}, whose user does not matter: that is how Pyroscope's clients, Grafana and browsers
 * send it. A token belongs to a tenant, and a request with it needs no {@code X-Scope-OrgID}.
 */
public final class Access {
    /** Everybody may do everything. */
    public static final Access OPEN = new Access(Map.of());

    /** Probes ask for these; they tell nothing about anybody. */
    private static final Set<String> PUBLIC = Set.of("/ready", "/version");

    private static final String TOKEN = "flarepath.token";
    private static final String ASKS = "Basic realm=\"flarepath\", charset=\"UTF-8\"";

    /** POST to these reads, or keeps what only its own tenant sees. */
    private static final List<String> READING =
            List.of(
                    "/querier.v1.",
                    "/query.v1.",
                    "/settings.v1.",
                    "/adhocprofiles.v1.",
                    "/capabilities.v1.",
                    "/vcs.v1.");

    private final Map<String, Token> tokens;

    private Access(Map<String, Token> tokens) {
        this.tokens = tokens;
    }

    /**
     * Only those with a token of a file.
     *
     * @throws StartRefused when the file cannot be read, or breaks a rule
     */
    public static Access byTokens(Path file) {
        return new Access(TokenFile.read(file));
    }

    /** The handler that has to run before all that answer. */
    Handler<RoutingContext> rule() {
        return context -> {
            if (!tokens.isEmpty() && !PUBLIC.contains(path(context))) {
                context.put(TOKEN, checked(context));
            }
            context.next();
        };
    }

    private static String path(RoutingContext context) {
        String path = context.normalizedPath();
        int end = path.length();
        while (end > 1 && path.charAt(end - 1) == '/') {
            end--;
        }
        return path.substring(0, end);
    }

    private Token checked(RoutingContext context) {
        String given = given(context.request().getHeader("Authorization"));
        Token token = given == null ? null : tokens.get(TokenFile.hash(given));
        if (token == null) {
            context.response().putHeader("WWW-Authenticate", ASKS);
            throw new ApiError(
                    401,
                    "unauthenticated",
                    (given == null ? "a token is needed" : "this token is not known here")
                            + ": send the header Authorization: Bearer TOKEN, or Basic with it as"
                            + " password");
        }
        Token.Use use = use(context.request().method(), path(context));
        if (!token.uses().contains(use)) {
            throw new ApiError(
                    403,
                    "permission_denied",
                    "this token is not for " + use.name().toLowerCase(Locale.ROOT));
        }
        return token;
    }

    /** What a request does; what is not known counts as what the fewest tokens may. */
    private static Token.Use use(HttpMethod method, String path) {
        if (path.startsWith("/api/v1/backup")) {
            return Token.Use.CONTROL;
        }
        if (method.equals(HttpMethod.GET)
                || method.equals(HttpMethod.HEAD)
                || method.equals(HttpMethod.OPTIONS)) {
            return Token.Use.QUERY;
        }
        if (!method.equals(HttpMethod.POST)) {
            return Token.Use.CONTROL;
        }
        if (READING.stream().anyMatch(path::startsWith)) {
            return Token.Use.QUERY;
        }
        if (path.startsWith("/api/v1/")) {
            boolean heartbeat =
                    path.startsWith("/api/v1/agents/")
                            && path.indexOf('/', "/api/v1/agents/".length()) < 0;
            return heartbeat || path.equals("/api/v1/symbols")
                    ? Token.Use.INGEST
                    : Token.Use.CONTROL;
        }
        return Token.Use.INGEST;
    }

    private static @Nullable String given(@Nullable String header) {
        if (header == null) {
            return null;
        }
        String[] words = header.strip().split(" +", 2);
        if (words.length < 2) {
            return null;
        }
        return switch (words[0].toLowerCase(Locale.ROOT)) {
            case "bearer" -> words[1];
            case "basic" -> password(words[1]);
            default -> null;
        };
    }

    private static @Nullable String password(String encoded) {
        try {
            String pair = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
            int colon = pair.indexOf(':');
            return colon < 0 ? null : pair.substring(colon + 1);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** The one tenant of the token that came with a request; null for any tenant. */
    static @Nullable String tenant(RoutingContext context) {
        Token token = context.get(TOKEN);
        return token == null || token.tenant().equals(Token.EVERY_TENANT) ? null : token.tenant();
    }

    /**
     * Checks that a request may be about a tenant.
     *
     * @throws ApiError 403 when its token is another's
     */
    static void checkTenant(RoutingContext context, String tenant) {
        Token token = context.get(TOKEN);
        if (token != null && !token.isFor(tenant)) {
            throw new ApiError(
                    403, "permission_denied", "this token is not for the tenant " + tenant);
        }
    }
}
