package io.flarepath.store.call;

import io.flarepath.store.profile.Labels;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/** Calls for tests. */
public final class Calls {
    private static final String[] SERVICES = {"shop", "pay", "users"};
    private static final String[] ROUTES = {"/cart", "/cart/{id}", "/", "/ü/{name}"};
    private static final String[] STATUSES = {"200", "404", "500", "503", ""};

    private Calls() {}

    /** A call to {@code GET /cart} of {@code shop}, of a trace of its own. */
    public static Call of(long id, long startNanos, long durationNanos, String... attributes) {
        Map<String, String> all = new HashMap<>();
        all.put("http.request.method", "GET");
        all.put("http.route", "/cart");
        for (int i = 0; i < attributes.length; i += 2) {
            all.put(attributes[i], attributes[i + 1]);
        }
        Labels labels = Labels.of(all);
        return new Call(
                Labels.of(Map.of("service_name", "shop", "pod", "shop-1")),
                "flarepath",
                "GET /cart",
                CallRole.SERVER,
                id,
                ~id,
                id,
                0,
                startNanos,
                durationNanos,
                labels.get("error.type") != null,
                "",
                CallWords.of(CallRole.SERVER, labels),
                labels);
    }

    /** Any call that began within a range. */
    public static Call random(Random random, long fromNanos, long untilNanos) {
        CallRole role = CallRole.ofCode(random.nextInt(4));
        String service = SERVICES[random.nextInt(SERVICES.length)];
        Map<String, String> attributes = new HashMap<>();
        attributes.put("http.request.method", random.nextBoolean() ? "GET" : "POST");
        attributes.put("http.route", ROUTES[random.nextInt(ROUTES.length)]);
        attributes.put("http.response.status_code", STATUSES[random.nextInt(STATUSES.length)]);
        attributes.put("thread.id", Integer.toString(random.nextInt()));
        attributes.put("network.peer.address", "10.0.0." + random.nextInt(3));
        if (random.nextInt(10) == 0) {
            attributes.put("rare." + random.nextInt(20), "x".repeat(random.nextInt(300)));
        }
        Labels labels = Labels.of(attributes);
        return new Call(
                Labels.of(
                        Map.of("service_name", service, "pod", service + "-" + random.nextInt(3))),
                random.nextBoolean() ? "flarepath" : "",
                "span " + random.nextInt(5),
                role,
                random.nextInt(50),
                random.nextLong(),
                random.nextLong() | 1,
                random.nextBoolean() ? 0 : random.nextLong(),
                random.nextLong(fromNanos, untilNanos),
                (long) Math.exp(random.nextDouble() * 25),
                random.nextInt(8) == 0,
                random.nextInt(20) == 0 ? "it broke" : "",
                CallWords.of(role, labels),
                labels);
    }
}
