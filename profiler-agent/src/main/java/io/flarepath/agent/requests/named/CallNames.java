package io.flarepath.agent.requests.named;

import io.flarepath.agent.requests.message.Call;
import io.flarepath.agent.requests.message.Exchange;
import io.flarepath.agent.requests.message.Outcome;
import io.flarepath.agent.requests.message.Protocol;
import io.flarepath.agent.requests.route.MaskedPath;
import io.flarepath.agent.requests.route.Routes;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * Gives calls their names. Each process may have so many of a kind, which stay the same as long as
 * it is remembered; later ones are {@value CappedNames#OTHER}. Not for several threads.
 */
public final class CallNames {
    /** Processes whose names are remembered. */
    private static final int MOST_PROCESSES = 1024;

    private static final int MOST_NAMES = 200;
    private static final int MOST_OPERATIONS = 64;
    private static final int MOST_PEERS = 64;

    private final List<String> patterns;
    private final LinkedHashMap<Integer, Names> names = new LinkedHashMap<>(16, 0.75f, true);

    private static final class Names {
        private final Routes routes;
        private final CappedNames targets = new CappedNames(MOST_NAMES);
        private final CappedNames operations = new CappedNames(MOST_OPERATIONS);
        private final CappedNames peers = new CappedNames(MOST_PEERS);

        Names(List<String> patterns) {
            routes = new Routes(patterns);
        }
    }

    /**
     * No process is known yet.
     *
     * @param patterns of routes, as in {@link Routes}
     */
    public CallNames(List<String> patterns) {
        this.patterns = List.copyOf(patterns);
    }

    /** Names a call. */
    public NamedCall of(Call call) {
        Exchange exchange = call.exchange();
        Names known = names(call.connection().pid());
        return new NamedCall(
                call,
                route(exchange, known),
                operation(exchange, known),
                known.peers.of(call.connection().peerAddress()));
    }

    private Names names(int pid) {
        Names known = names.computeIfAbsent(pid, p -> new Names(patterns));
        if (names.size() > MOST_PROCESSES) {
            names.pollFirstEntry();
        }
        return known;
    }

    private static String operation(Exchange exchange, Names known) {
        boolean http =
                exchange.protocol() == Protocol.HTTP1 || exchange.protocol() == Protocol.HTTP2;
        return http
                ? CallAttributes.method(exchange.operation())
                : known.operations.of(exchange.operation());
    }

    private static String route(Exchange exchange, Names known) {
        return switch (exchange.protocol()) {
            case HTTP1, HTTP2 -> {
                String path = MaskedPath.withoutQuery(exchange.target());
                // What was refused may be any name; what failed is what somebody looks for.
                boolean served = exchange.outcome() != Outcome.CLIENT_ERROR;
                yield path.isEmpty() ? "" : known.routes.of(path, served);
            }
            default -> known.targets.of(exchange.target());
        };
    }
}
