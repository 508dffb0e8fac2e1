package io.flarepath.api.query.connect;

import io.flarepath.api.message.MessageWriter;
import io.flarepath.api.server.ApiError;
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

    /** A rule that is kept and gives no metric would be worse than none. */
    private static final ConnectMethod NO_RULES =
            new ConnectMethod(
                    RequestSchemas.EMPTY,
                    call -> {
                        throw new ApiError(
                                501,
                                "unimplemented",
                                "recording rules are not evaluated here, so none is kept: ask"
                                        + " querier.v1.QuerierService/SelectSeries for the sums"
                                        + " of a profile type over time, by any labels");
                    });

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
        new ConnectRoutes(
                        calls,
                        "settings.v1.RecordingRulesService",
                        Map.of(
                                "ListRecordingRules",
                                NOTHING,
                                "GetRecordingRule",
                                NO_RULES,
                                "UpsertRecordingRule",
                                NO_RULES,
                                "DeleteRecordingRule",
                                NO_RULES))
                .mount(router);
        new ConnectRoutes(
                        calls,
                        "capabilities.v1.FeatureFlagsService",
                        Map.of("GetFeatureFlags", NOTHING))
                .mount(router);
    }
}
