package io.flarepath.agent.requests.named;

import java.util.HashSet;
import java.util.Set;

/** Lets so many different names pass; those that come later are one. */
final class CappedNames {
    static final String OTHER = "other";

    private final int most;
    private final Set<String> names = new HashSet<>();
    private long refused;

    CappedNames(int most) {
        this.most = most;
    }

    String of(String name) {
        if (name.isEmpty() || names.contains(name)) {
            return name;
        }
        if (names.size() < most) {
            names.add(name);
            return name;
        }
        refused++;
        return OTHER;
    }

    /** How often a name had no room. */
    long refused() {
        return refused;
    }
}
