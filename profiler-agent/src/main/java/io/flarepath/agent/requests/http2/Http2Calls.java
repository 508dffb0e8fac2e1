package io.flarepath.agent.requests.http2;

import io.flarepath.agent.requests.match.IdMatch;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The open streams of a connection. */
final class Http2Calls {
    private static final int MOST_OPEN = 1024;

    private final IdMatch match;
    private final LinkedHashMap<Integer, Http2Call> open = new LinkedHashMap<>();
    private int newest;

    Http2Calls(IdMatch match) {
        this.match = match;
    }

    /** A request begins. Ids grow, and none comes twice: what breaks that is not counted. */
    boolean open(int id, Http2Call call) {
        if (id <= newest || (id & 1) == 0) {
            return false;
        }
        newest = id;
        Map.Entry<Integer, Http2Call> eldest = open.firstEntry();
        if (open.size() >= MOST_OPEN && eldest != null) {
            open.remove(eldest.getKey());
        }
        open.put(id, call);
        match.request(id, call.exchange);
        return true;
    }

    @Nullable Http2Call find(int id) {
        return open.get(id);
    }

    void unexpected() {
        match.unexpected();
    }

    void end(int id, long nanos, int thread) {
        Http2Call call = open.remove(id);
        if (call != null) {
            call.close();
            match.answered(id, nanos, thread);
        }
    }

    /** Bytes of answers were missed: of those that have begun the end may come yet. */
    void endsMissed() {
        forget(call -> !call.hasStatus);
        open.values().forEach(call -> call.endMissed = true);
    }

    private void forget(Predicate<Http2Call> which) {
        open.entrySet()
                .removeIf(entry -> {
                    boolean matches = which.test(entry.getValue());
                    if (matches) {
                        match.forget(entry.getKey());
                    }
                    return matches;
                });
    }

    void expire(long nanos) {
        match.expire(nanos);
        open.keySet().removeIf(id -> match.find(id) == null);
    }

    void closed(long nanos) {
        forget(call -> call.endMissed);
        match.closed(nanos);
        open.clear();
    }

    int size() {
        return open.size();
    }
}
