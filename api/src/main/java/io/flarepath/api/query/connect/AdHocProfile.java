package io.flarepath.api.query.connect;

import io.flarepath.api.query.flamebearer.NamedTree;
import io.flarepath.api.query.pyroscope.RenderDocument;
import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.JsonAnswer;
import io.flarepath.store.profile.Profile;
import io.flarepath.store.profile.ProfileType;
import io.flarepath.store.query.FlameTree;
import io.flarepath.store.query.ProfileTree;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a file holds, by the names of its types: that of what is sampled, as in Pyroscope, and the
 * whole id where several types of the file share one.
 */
final class AdHocProfile {
    private final Map<String, List<Profile>> byName = new LinkedHashMap<>();

    /** What was decoded, at least one profile. */
    AdHocProfile(List<Profile> profiles) {
        Map<ProfileType, List<Profile>> byType = new LinkedHashMap<>();
        for (Profile profile : profiles) {
            byType.computeIfAbsent(profile.type(), type -> new ArrayList<>()).add(profile);
        }
        byType.forEach((type, all) -> byName.put(nameOf(type, byType), all));
    }

    private static String nameOf(ProfileType type, Map<ProfileType, List<Profile>> among) {
        long same =
                among.keySet().stream()
                        .filter(other -> other.sampleType().equals(type.sampleType()))
                        .count();
        return same == 1 ? type.sampleType() : type.id();
    }

    /** The names of its types, in the order of the file. */
    List<String> names() {
        return List.copyOf(byName.keySet());
    }

    /** The wanted name; the first where it is empty, or not here, as in Pyroscope. */
    String chosen(String wanted) {
        return byName.containsKey(wanted) ? wanted : names().getFirst();
    }

    /** What is measured under a name. */
    ProfileType type(String name) {
        return of(name).getFirst().type();
    }

    private List<Profile> of(String name) {
        List<Profile> profiles = byName.get(name);
        if (profiles == null) {
            throw ApiError.invalid("there is no profile type " + name + " in it: " + names());
        }
        return profiles;
    }

    /** All that is under a name, merged. */
    FlameTree tree(String name) {
        return ProfileTree.of(of(name));
    }

    /** One type as the document of /pyroscope/render, in JSON. */
    byte[] document(String name, int maxNodes, int hardLimit) throws IOException {
        return JsonAnswer.encode(
                new RenderDocument(
                        NamedTree.of(tree(name)), type(name), name, maxNodes, hardLimit));
    }
}
