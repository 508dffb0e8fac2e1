package io.flarepath.bpf;

/** Capabilities of a process that the agent wants; numbers as in linux/capability.h. */
enum LinuxCapability {
    CAP_BPF(39, "nothing is sampled: BPF programs cannot be loaded"),
    CAP_PERFMON(38, "nothing is sampled: events of the whole machine cannot be opened"),
    CAP_SYS_PTRACE(19, "other users' processes have no names and no symbols"),
    CAP_SYSLOG(34, "kernel frames have no names: /proc/kallsyms shows zeros"),
    CAP_CHECKPOINT_RESTORE(40, "deleted and replaced executables have no symbols"),
    CAP_DAC_READ_SEARCH(2, "executables that only their owner can read have no symbols"),
    CAP_NET_ADMIN(12, "no requests and no network metrics"),
    CAP_SYS_ADMIN(21, "no recordings of a JVM, and no run-time statistics of BPF");

    private final int number;
    private final String cost;

    LinuxCapability(int number, String cost) {
        this.number = number;
        this.cost = cost;
    }

    Capability in(long effective) {
        boolean held = (effective >>> number & 1) != 0;
        return new Capability(name(), held, held ? "held" : "not held", cost);
    }
}
