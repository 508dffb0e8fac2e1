package io.flarepath.agent.processes;

import io.flarepath.config.Configuration;
import io.flarepath.config.Globs;
import io.flarepath.config.Setting;

/**
 * Which processes are sampled. An empty list of inclusions includes all; every list that is not
 * empty must match; one exclusion that matches is enough.
 */
final class ProcessSelection {
    private final Globs[] include;
    private final Globs[] exclude;
    private final UserNames users;

    ProcessSelection(Configuration configuration, UserNames users) {
        include =
                globs(
                        configuration,
                        Setting.INCLUDE_SERVICES,
                        Setting.INCLUDE_NAMESPACES,
                        Setting.INCLUDE_CGROUPS,
                        Setting.INCLUDE_USERS);
        exclude =
                globs(
                        configuration,
                        Setting.EXCLUDE_SERVICES,
                        Setting.EXCLUDE_NAMESPACES,
                        Setting.EXCLUDE_CGROUPS,
                        Setting.EXCLUDE_USERS);
        this.users = users;
    }

    private static Globs[] globs(Configuration configuration, Setting... settings) {
        Globs[] all = new Globs[settings.length];
        for (int i = 0; i < settings.length; i++) {
            all[i] = configuration.globs(settings[i]);
        }
        return all;
    }

    /** Whether the owner of a process counts, which takes a look at the process. */
    boolean needsUser() {
        return !include[3].isEmpty() || !exclude[3].isEmpty();
    }

    /**
     * Whether a process is sampled.
     *
     * @param service its service name
     * @param namespace its Kubernetes namespace, or empty
     * @param cgroup its cgroup path
     * @param user its user id; -1 if unknown
     */
    boolean samples(String service, String namespace, String cgroup, int user) {
        String number = Integer.toString(user);
        String name = users.nameOf(user);
        String[][] values = {{service}, {namespace}, {cgroup}, {number, name}};
        for (int i = 0; i < values.length; i++) {
            if (!include[i].isEmpty() && !matches(include[i], values[i])) {
                return false;
            }
            if (matches(exclude[i], values[i])) {
                return false;
            }
        }
        return true;
    }

    private static boolean matches(Globs globs, String[] values) {
        for (String value : values) {
            if (globs.matches(value)) {
                return true;
            }
        }
        return false;
    }
}
