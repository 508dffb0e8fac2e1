package io.flarepath.api.query.connect;

import io.flarepath.api.message.MessageWriter;
import io.flarepath.api.server.BlockingCalls;
import io.flarepath.store.ProfileStore;
import io.vertx.ext.web.Router;
import java.util.Map;

/**
 * What Profiles Drilldown asks for on its main pages besides profiles. Its settings are kept.
 * Recording rules are not, so there are none to tell of; what would change them is unimplemented.
 */
public final class DrilldownRoutes {
    private static final ConnectMethod NOTHING =
            new ConnectMethod(RequestSchemas.EMPTY, call -> DrilldownRoutes::nothing);

    private static final Map<String, String> LISTS =
            Map.of(
                    "settings.v1.RecordingRulesService", "ListRecordingRules",
                    "capabilities.v1.FeatureFlagsService", "GetFeatureFlags");

    private final ProfileStore store;
    private final BlockingCalls calls;

    /** Routes that answer on a pool, as all of Connect do. */
    public DrilldownRoutes(ProfileStore store, BlockingCalls calls) {
        this.store = store;
        this.calls = calls;
    }

    private static void nothing(MessageWriter out) {
        // An empty list is an empty message.
    }

    /** Puts the routes on a router. */
    public void mount(Router router) {
        new ConnectRoutes(calls, "settings.v1.SettingsService", new SettingMethods(store).methods())
                .mount(router);
        LISTS.forEach((service, method) ->
                new ConnectRoutes(calls, service, Map.of(method, NOTHING)).mount(router));
    }
}
