package io.flarepath.agent.jvm;

/**
 * What is known of a JVM that is sampled.
 *
 * @param pid in our namespace
 * @param sinceNanos when it was seen first, {@link System#nanoTime()}: tells it apart from others
 *     that had the pid
 * @param service its service.name
 * @param namespace its k8s.namespace.name, or empty
 * @param pod its k8s.pod.name, or empty
 * @param version such as {@code 17.0.15+6}; empty while it is not known
 * @param state how far it is understood: starting, trusted, refused
 * @param reason why it is refused, or empty
 */
public record SeenJvm(
        int pid,
        long sinceNanos,
        String service,
        String namespace,
        String pod,
        String version,
        String state,
        String reason) {}
