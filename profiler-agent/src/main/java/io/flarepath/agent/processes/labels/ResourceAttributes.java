package io.flarepath.agent.processes.labels;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Makes the OpenTelemetry resource attributes of a process. They become labels of a series: nothing
 * that is particular to a pid or a thread may be among them.
 */
public final class ResourceAttributes {
    /** Longest value in characters; the service's default limit is 2,048 bytes of UTF-8. */
    private static final int MAX_VALUE = 512;

    private final String node;
    private final String hostname;

    /**
     * @param node name of this machine, as it is to be shown
     * @param hostname its name in the kernel
     */
    public ResourceAttributes(String node, String hostname) {
        this.node = clean(node);
        this.hostname = hostname.strip();
    }

    /** Attributes of the process. */
    public SortedMap<String, String> of(ProcessFacts facts) {
        SortedMap<String, String> attributes = new TreeMap<>();
        EnvironmentLabels environment = facts.environment();
        CgroupPlace place = facts.place();
        boolean inPod = !place.podUid().isEmpty();
        put(attributes, "host.name", node);
        put(attributes, "runtime", facts.runtime().label());
        put(attributes, "comm", facts.comm());
        put(attributes, "service.version", given(environment, "service.version"));
        put(attributes, "k8s.pod.uid", place.podUid());
        put(attributes, "container.id", place.containerId());
        String pod = podName(facts);
        if (inPod || !pod.isEmpty()) {
            put(attributes, "k8s.pod.name", pod.isEmpty() ? place.podUid() : pod);
            put(attributes, "k8s.namespace.name", namespace(facts));
            put(attributes, "k8s.container.name", container(facts));
        } else {
            put(attributes, "container.name", container(facts));
        }
        put(attributes, "service.name", serviceName(facts, pod));
        return Collections.unmodifiableSortedMap(attributes);
    }

    /**
     * Attributes of a kernel thread.
     *
     * @param comm its name; what tells one worker from the next is cut off
     */
    public SortedMap<String, String> ofKernelThread(String comm) {
        SortedMap<String, String> attributes = new TreeMap<>();
        put(attributes, "service.name", "kernel");
        put(attributes, "host.name", node);
        int end = 0;
        while (end < comm.length() && "/:0123456789".indexOf(comm.charAt(end)) < 0) {
            end++;
        }
        put(attributes, "comm", end == 0 ? "kernel" : comm.substring(0, end));
        return Collections.unmodifiableSortedMap(attributes);
    }

    private String serviceName(ProcessFacts facts, String pod) {
        EnvironmentLabels environment = facts.environment();
        String[] inOrder = {
            environment.serviceName(),
            given(environment, "service.name"),
            pod.isEmpty() ? "" : WorkloadName.of(pod, node),
            container(facts),
            facts.place().unit(),
            facts.jvmMain(),
            facts.executable(),
            facts.comm(),
        };
        for (String name : inOrder) {
            String clean = clean(name);
            if (!clean.isEmpty()) {
                return clean;
            }
        }
        return "unknown";
    }

    private String podName(ProcessFacts facts) {
        String name = given(facts.environment(), "k8s.pod.name");
        if (!name.isEmpty()) {
            return name;
        }
        name = facts.names().pod();
        // A pod on the host's network is given the node's name as its own.
        boolean ofNode = name.equals(node) || name.equals(hostname);
        return facts.place().podUid().isEmpty() || ofNode ? "" : name;
    }

    private static String namespace(ProcessFacts facts) {
        String name = given(facts.environment(), "k8s.namespace.name");
        return name.isEmpty() ? facts.names().namespace() : name;
    }

    private static String container(ProcessFacts facts) {
        String name = given(facts.environment(), "k8s.container.name");
        name = name.isEmpty() ? given(facts.environment(), "container.name") : name;
        return name.isEmpty() ? facts.names().container() : name;
    }

    private static String given(EnvironmentLabels environment, String key) {
        return environment.resource().getOrDefault(key, "");
    }

    private static void put(SortedMap<String, String> attributes, String key, String value) {
        String clean = clean(value);
        if (!clean.isEmpty()) {
            attributes.put(key, clean);
        }
    }

    /** One bad name must not have a whole upload refused: no control characters, bounded. */
    static String clean(String value) {
        String text = value.strip();
        int length = Math.min(text.length(), MAX_VALUE);
        if (length < text.length() && Character.isHighSurrogate(text.charAt(length - 1))) {
            length--;
        }
        StringBuilder cleaned = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            boolean paired =
                    Character.isHighSurrogate(c)
                            ? i + 1 < length && Character.isLowSurrogate(text.charAt(i + 1))
                            : !Character.isLowSurrogate(c)
                                    || (i > 0 && Character.isHighSurrogate(text.charAt(i - 1)));
            cleaned.append(Character.isISOControl(c) || !paired ? '_' : c);
        }
        return cleaned.toString();
    }
}
