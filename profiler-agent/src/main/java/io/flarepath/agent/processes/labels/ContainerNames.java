package io.flarepath.agent.processes.labels;

/**
 * What is known of a container beside its ids; each may be empty.
 *
 * @param pod name of the pod
 * @param namespace Kubernetes namespace
 * @param container name of the container
 */
public record ContainerNames(String pod, String namespace, String container) {

    /** Nothing known. */
    public static final ContainerNames NONE = new ContainerNames("", "", "");
}
