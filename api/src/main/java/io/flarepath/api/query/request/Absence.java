package io.flarepath.api.query.request;

import io.flarepath.api.time.Instants;
import io.flarepath.store.ProfileStore;
import io.flarepath.store.profile.ProfileType;
import io.flarepath.store.query.ProfileQuery;
import io.flarepath.store.query.Selector;
import java.util.List;

/**
 * Why a query found nothing.
 *
 * @param reason a word for programs
 * @param message a sentence for people
 */
public record Absence(String reason, String message) {

    /** Finds out, from the widest reason to the narrowest. */
    public static Absence of(ProfileStore store, ProfileQuery query) {
        String tenant = query.tenant();
        if (store.profileTypes(tenant, Selector.ALL, Instants.ALWAYS).isEmpty()) {
            return new Absence("store-empty", "nothing has been stored yet: is an agent running?");
        }
        if (store.profileTypes(tenant, query.selector(), Instants.ALWAYS).isEmpty()) {
            return new Absence("no-series", "no series has these labels: " + selected(query));
        }
        List<ProfileType> types = store.profileTypes(tenant, query.selector(), query.range());
        if (types.isEmpty()) {
            return new Absence(
                    "no-profiles-in-range",
                    "there are series with these labels, but no profiles of them in this range");
        }
        if (types.contains(query.type())) {
            return new Absence(
                    "no-profiles-in-range", "the profiles in this range hold no samples");
        }
        return new Absence(
                "type-not-present",
                "there are profiles in this range, but none of type "
                        + query.type().id()
                        + "; there are "
                        + String.join(", ", types.stream().map(ProfileType::id).toList()));
    }

    /** There are profiles, but nothing is known of when and in which threads they were taken. */
    public static Absence ofTimes() {
        return new Absence(
                "no-times",
                "there are profiles in this range, but either their samples did not say when they"
                        + " were taken, or that is no longer kept (setting retention.fine)");
    }

    private static String selected(ProfileQuery query) {
        return "{"
                + String.join(
                        ",", query.selector().matchers().stream().map(Object::toString).toList())
                + "}";
    }
}
