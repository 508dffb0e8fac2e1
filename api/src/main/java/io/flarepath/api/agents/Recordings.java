package io.flarepath.api.agents;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.flarepath.api.server.ApiError;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * The recordings that were ordered since the service started, and what became of them. Kept in
 * memory only; the oldest make room. Safe for many threads.
 */
final class Recordings {
    private static final int MOST = 1_000;

    /** Open ones of a node: an agent makes one after the other. */
    private static final int MOST_OPEN = 8;

    private static final int LONGEST_SECONDS = 600;
    private static final Set<String> KINDS = Set.of("cpu", "wall", "allocations", "live", "locks");
    private static final Set<String> FIELDS = Set.of("pid", "kinds", "seconds");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Clock clock;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, Recording> byName = new LinkedHashMap<>();
    private final Deque<String> ended = new ConcurrentLinkedDeque<>();
    private final Map<String, Long> revisions = new HashMap<>();
    private long lastRevision;

    Recordings(Clock clock) {
        this.clock = clock;
    }

    /** Grows with each order of a node, and when one is over; 0 before the first. */
    synchronized long revision(String node) {
        return revisions.getOrDefault(node, 0L);
    }

    /**
     * Notes an order.
     *
     * @param body {@code {"pid":…,"kinds":[…],"seconds":…}}
     * @throws ApiError 400 for what cannot be recorded, 429 when too many wait
     */
    Recording order(String node, byte[] body) {
        JsonNode order = parse(body);
        Recording recording =
                new Recording(
                        newName(),
                        node,
                        number(order, "pid", Integer.MAX_VALUE),
                        kinds(order),
                        number(order, "seconds", LONGEST_SECONDS),
                        clock.millis(),
                        Recording.ORDERED,
                        "");
        add(recording);
        return recording;
    }

    private synchronized void add(Recording recording) {
        if (open(recording.node()).size() >= MOST_OPEN) {
            throw new ApiError(
                    429,
                    "resource_exhausted",
                    "the node has " + MOST_OPEN + " recordings to make, which is the limit");
        }
        if (byName.size() >= MOST) {
            String oldest = ended.poll();
            if (oldest == null) {
                throw new ApiError(
                        429, "resource_exhausted", MOST + " recordings wait, which is the limit");
            }
            Recording removed = byName.remove(oldest);
            if (removed != null && of(removed.node()).isEmpty()) {
                revisions.remove(removed.node());
            }
        }
        byName.put(recording.name(), recording);
        revisions.put(recording.node(), ++lastRevision);
    }

    /** What an agent says of one of its recordings; others' are not its to tell of. */
    synchronized void report(String node, String name, String state, String message) {
        Recording known = byName.get(name);
        if (known == null || !known.node().equals(node) || !known.isOpen()) {
            return;
        }
        Recording now = known.with(state, message);
        byName.put(name, now);
        if (!now.isOpen()) {
            ended.add(name);
            revisions.put(node, ++lastRevision);
        }
    }

    /** What a node has to do. */
    synchronized List<Recording> open(String node) {
        List<Recording> open = new ArrayList<>();
        for (Recording recording : byName.values()) {
            if (recording.isOpen() && recording.node().equals(node)) {
                open.add(recording);
            }
        }
        return open;
    }

    /** All of a node, the latest last. */
    synchronized List<Recording> of(String node) {
        return byName.values().stream().filter(recording -> recording.node().equals(node)).toList();
    }

    private String newName() {
        byte[] bytes = new byte[8];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private static JsonNode parse(byte[] body) {
        JsonNode order;
        try {
            order = JSON.readTree(body);
        } catch (JsonProcessingException e) {
            throw ApiError.invalid("the order is no JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw ApiError.invalid("the order is no JSON: " + e.getMessage());
        }
        if (order == null || !order.isObject()) {
            throw ApiError.invalid("the order must be one JSON object");
        }
        order.fieldNames()
                .forEachRemaining(field -> {
                    if (!FIELDS.contains(field)) {
                        throw ApiError.invalid("an order has the fields pid, kinds and seconds");
                    }
                });
        return order;
    }

    private static int number(JsonNode order, String field, int most) {
        JsonNode value = order.path(field);
        if (!value.isIntegralNumber()
                || !value.canConvertToInt()
                || value.intValue() < 1
                || value.intValue() > most) {
            throw ApiError.invalid(field + " must be a whole number from 1 to " + most);
        }
        return value.intValue();
    }

    private static List<String> kinds(JsonNode order) {
        JsonNode kinds = order.path("kinds");
        Set<String> named = new LinkedHashSet<>();
        for (JsonNode kind : kinds) {
            if (!kind.isTextual() || !KINDS.contains(kind.textValue())) {
                throw ApiError.invalid(
                        "kinds must be some of cpu, wall, allocations, live and locks");
            }
            named.add(kind.textValue());
        }
        if (!kinds.isArray() || named.isEmpty()) {
            throw ApiError.invalid("kinds must be some of cpu, wall, allocations, live and locks");
        }
        return List.copyOf(named);
    }
}
