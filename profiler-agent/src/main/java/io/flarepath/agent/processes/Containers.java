package io.flarepath.agent.processes;

import io.flarepath.agent.processes.labels.CgroupPlace;
import io.flarepath.agent.processes.labels.ContainerNames;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Names of containers, found without a Kubernetes API. A pod's name is the {@code HOSTNAME} of the
 * container's first process, or what lies in its {@code /etc/hostname}; its namespace that of the
 * mounted service account, or of the search domain in its {@code /etc/resolv.conf}; the container's
 * name is what its runtime wrote down.
 */
final class Containers {
    private static final int MAX_KEPT = 4096;
    private static final int MAX_NAME = 253;
    private static final String NAMESPACE_FILE =
            "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

    private final ProcFiles files;
    private final ProcessTable table;
    private final RuntimeRecords records;
    private final Map<String, Known> known =
            new LinkedHashMap<>(64, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Known> eldest) {
                    return size() > MAX_KEPT;
                }
            };

    /** Names, and the image of the process that they were found by. */
    private record Known(TrackedProcess first, ContainerNames names) {}

    Containers(ProcFiles files, ProcessTable table, RuntimeRecords records) {
        this.files = files;
        this.table = table;
        this.records = records;
    }

    /** Names of the container that the process is in. */
    ContainerNames of(TrackedProcess process) {
        CgroupPlace place = process.place;
        if (!place.isContainer()) {
            return ContainerNames.NONE;
        }
        String key = place.podUid() + '/' + place.containerId();
        Known found = known.get(key);
        if (found == null || hasBecomeAnother(found.first)) {
            TrackedProcess first = firstOf(place, process);
            found = new Known(first, find(first, place));
            // What ended before it could be read may be named by its next process.
            if (!process.hasExited()) {
                known.put(key, found);
            }
        }
        return found.names;
    }

    /**
     * Whether the process has executed another program since. Between its fork and that it has the
     * environment of the runtime that starts the container.
     */
    private boolean hasBecomeAnother(TrackedProcess first) {
        TrackedProcess now = table.get(first.pid());
        return now != null && now != first && !first.hasExited();
    }

    private ContainerNames find(TrackedProcess first, CgroupPlace place) {
        ContainerNames written = records.of(place.containerId());
        if (place.podUid().isEmpty()) {
            return new ContainerNames("", "", written.container());
        }
        Path root = files.rootDirectory(first.pid());
        String pod = written.pod();
        pod = pod.isEmpty() ? first.environment.hostname() : pod;
        pod = pod.isEmpty() ? TargetRoot.read(root, "/etc/hostname", MAX_NAME).strip() : pod;
        String namespace = written.namespace();
        if (namespace.isEmpty()) {
            namespace = TargetRoot.read(root, NAMESPACE_FILE, MAX_NAME).strip();
        }
        if (namespace.isEmpty()) {
            namespace = namespaceOf(TargetRoot.read(root, "/etc/resolv.conf", 4096));
        }
        return new ContainerNames(pod, namespace, written.container());
    }

    /** The process of the container that was started first. */
    private TrackedProcess firstOf(CgroupPlace place, TrackedProcess process) {
        TrackedProcess first = process;
        for (TrackedProcess other : table.all()) {
            if (other != null
                    && !other.hasExited()
                    && other.place.containerId().equals(place.containerId())
                    && other.place.podUid().equals(place.podUid())
                    && isBefore(other, first)) {
                first = other;
            }
        }
        return first;
    }

    private static boolean isBefore(TrackedProcess one, TrackedProcess other) {
        // What was forked under us started after all that was there.
        long a = one.startTicks == 0 ? Long.MAX_VALUE : one.startTicks;
        long b = other.startTicks == 0 ? Long.MAX_VALUE : other.startTicks;
        return a < b || (a == b && one.bornNanos < other.bornNanos);
    }

    /** The kubelet writes {@code search NAMESPACE.svc.DOMAIN svc.DOMAIN DOMAIN …}. */
    static String namespaceOf(String resolvConf) {
        for (String line : resolvConf.split("\n", -1)) {
            String[] words = line.strip().split("[ \t]+", 3);
            if (words.length < 2 || !words[0].equals("search")) {
                continue;
            }
            int dot = words[1].indexOf('.');
            if (dot > 0 && words[1].startsWith("svc.", dot + 1)) {
                return words[1].substring(0, dot);
            }
        }
        return "";
    }
}
