package io.flarepath.api.agents;

import io.flarepath.api.server.ApiError;
import io.vertx.core.Promise;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The agents that have been heard since the service started, by node. Kept in memory only: after a
 * restart every agent is heard again within its poll. Bounded: beyond 10,000 nodes the one heard
 * longest ago makes room if it is offline, else the new one is refused. Safe for many threads.
 */
public final class Agents {
    static final int MAX_NODES = 10_000;
    private static final long ONLINE_MILLIS = 45_000;

    private final Clock clock;
    private final int maxNodes;
    private final Map<String, Agent> byNode = new TreeMap<>();

    /** One agent; guarded by the map's owner. */
    private static final class Agent {
        private Heartbeat heartbeat;
        private long lastSeenMillis;
        private long clockSkewMillis;
        private @Nullable Promise<Void> poll;

        Agent(Heartbeat heartbeat) {
            this.heartbeat = heartbeat;
        }
    }

    /**
     * What is known of one agent.
     *
     * @param node its node
     * @param heartbeat what it said last
     * @param lastSeenMillis when, by our clock
     * @param online whether that is less than 45 s ago
     * @param clockSkewMillis its clock minus ours
     */
    record Seen(
            String node,
            Heartbeat heartbeat,
            long lastSeenMillis,
            boolean online,
            long clockSkewMillis) {}

    /** No agents yet, by the system's clock. */
    public Agents() {
        this(Clock.systemUTC(), MAX_NODES);
    }

    Agents(Clock clock, int maxNodes) {
        this.clock = clock;
        this.maxNodes = maxNodes;
    }

    /** How many agents are online. */
    public int online() {
        return (int) all().stream().filter(Seen::online).count();
    }

    long nowMillis() {
        return clock.millis();
    }

    /**
     * Notes a heartbeat and opens a poll.
     *
     * @return completes when a newer poll of the node comes, or its revision grows; the caller
     *     completes it when the time is up, and then calls {@link #closed}
     */
    Promise<Void> heard(String node, Heartbeat heartbeat) {
        Promise<Void> poll = Promise.promise();
        Promise<Void> older = replace(node, heartbeat, poll);
        if (older != null) {
            older.tryComplete();
        }
        return poll;
    }

    /** Lets the poll of a node go, so that it hears at once of what is new; false if offline. */
    boolean release(String node) {
        Promise<Void> poll;
        synchronized (this) {
            Agent agent = byNode.get(node);
            if (agent == null || clock.millis() - agent.lastSeenMillis > ONLINE_MILLIS) {
                return false;
            }
            poll = agent.poll;
        }
        if (poll != null) {
            poll.tryComplete();
        }
        return true;
    }

    /** Whether a node was heard lately. */
    synchronized boolean isOnline(String node) {
        Agent agent = byNode.get(node);
        return agent != null && clock.millis() - agent.lastSeenMillis <= ONLINE_MILLIS;
    }

    private synchronized @Nullable Promise<Void> replace(
            String node, Heartbeat heartbeat, Promise<Void> poll) {
        long now = clock.millis();
        Agent agent = byNode.get(node);
        if (agent == null) {
            makeRoom(now);
            agent = new Agent(heartbeat);
            byNode.put(node, agent);
        }
        Promise<Void> older = agent.poll;
        agent.heartbeat = heartbeat;
        agent.lastSeenMillis = now;
        agent.clockSkewMillis = heartbeat.clockMillis() - now;
        agent.poll = poll;
        return older;
    }

    /** The poll was answered, or its connection is gone. */
    synchronized void closed(String node, Promise<Void> poll) {
        Agent agent = byNode.get(node);
        if (agent != null && poll.equals(agent.poll)) {
            agent.poll = null;
        }
    }

    /** All agents in order of their nodes. */
    synchronized List<Seen> all() {
        long now = clock.millis();
        List<Seen> seen = new ArrayList<>(byNode.size());
        byNode.forEach((node, agent) ->
                seen.add(
                        new Seen(
                                node,
                                agent.heartbeat,
                                agent.lastSeenMillis,
                                now - agent.lastSeenMillis <= ONLINE_MILLIS,
                                agent.clockSkewMillis)));
        return seen;
    }

    private void makeRoom(long now) {
        if (byNode.size() < maxNodes) {
            return;
        }
        String oldest = null;
        long oldestSeen = Long.MAX_VALUE;
        for (Map.Entry<String, Agent> entry : byNode.entrySet()) {
            if (entry.getValue().lastSeenMillis < oldestSeen) {
                oldest = entry.getKey();
                oldestSeen = entry.getValue().lastSeenMillis;
            }
        }
        if (oldest == null || now - oldestSeen <= ONLINE_MILLIS) {
            throw new ApiError(
                    429,
                    "resource_exhausted",
                    maxNodes + " agents are online, which is the limit of this service");
        }
        byNode.remove(oldest);
    }
}
