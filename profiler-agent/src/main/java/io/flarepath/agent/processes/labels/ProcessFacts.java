package io.flarepath.agent.processes.labels;

/**
 * What is known of one process before it is named.
 *
 * @param executable file name (last part of the path) of its executable, or empty
 * @param comm its name in the kernel
 * @param jvmMain main class or jar of a JVM, or empty
 * @param runtime what runs it
 * @param environment of its last exec
 * @param place its cgroup
 * @param names of its container
 */
public record ProcessFacts(
        String executable,
        String comm,
        String jvmMain,
        RuntimeKind runtime,
        EnvironmentLabels environment,
        CgroupPlace place,
        ContainerNames names) {}
