package io.flarepath.bpf;

/** What is tried, with the numbers of {@code enum kernel_feature} in kernel_support.h. */
enum KernelFeature {
    BTF(0, "BTF of the kernel", "nothing is sampled: programs cannot be fitted to this kernel"),
    PERF_HARDWARE(1, "perf events, hardware cycles", "samples come from the CPU clock instead"),
    PERF_SOFTWARE(
            2, "perf events, CPU clock", "nothing is sampled where there are no cycles either"),
    PERF_PROGRAM(3, "BPF on perf events", "nothing is sampled"),
    SIDEBAND(4, "perf mapping events", "libraries loaded later are found only by reading /proc"),
    RING_BUFFER(5, "BPF ring buffer", "nothing is sampled"),
    BPF_LOOP(6, "BPF helper bpf_loop", "nothing is sampled: user stacks are walked with it"),
    TRACEPOINT(7, "tracepoints", "no requests over TCP before Linux 6.16"),
    TP_BTF(8, "typed tracepoints (tp_btf)", "raw tracepoints are used instead"),
    RAW_TP(9, "raw tracepoints", "no process events where tp_btf is missing too"),
    FENTRY(10, "fentry", "nothing: it is not used"),
    KPROBE(11, "kprobes", "nothing: they are not used"),
    UPROBE(12, "uprobes", "no requests inside TLS connections: nothing else uses them"),
    ITERATOR(13, "BPF iterators", "mappings are read from /proc, which is slower"),
    PROCMAP_QUERY(14, "PROCMAP_QUERY", "mappings are read from /proc as text, which is slower"),
    CGROUP2(15, "cgroup v2", "containers are told apart by /proc/PID/cgroup only"),
    CGROUP_ID(16, "cgroup id of a sample", "containers are told apart by process only"),
    PID_NAMESPACE(
            17, "pid namespace of the host", "process numbers do not match: nothing is named"),
    RUN_STATISTICS(18, "run-time statistics of BPF", "the cost of sampling is not shown"),
    SENDING(
            19,
            "tp_btf tcp_sendmsg_locked",
            "requests over TCP are seen by system calls: not by io_uring"),
    SENT(
            20,
            "tp_btf sock_send_length",
            "requests over TCP are seen by system calls: not by io_uring"),
    RECEIVED(
            21,
            "tp_btf skb_copy_datagram_iovec",
            "requests over TCP are seen by system calls: not by io_uring"),
    SOCKET_STATES(
            22,
            "tp_btf inet_sock_set_state",
            "no requests over TCP, and no metrics of it: connects and ends are not seen"),
    RECEIVED_LENGTH(23, "tp_btf sock_recv_length", "bytes received by UDP are not counted"),
    TCP_RESETS(24, "tp_btf tcp_send_reset", "sent resets are not counted"),
    PACKET_DROPS(25, "tp_btf kfree_skb", "dropped packets are not counted"),
    TCP_WINDOWS(26, "tp_btf tcp_probe", "closed windows are not counted"),
    FILE_ITERATOR(27, "BPF iterator task_file", "no metrics of TCP"),
    PACKET_SENT(28, "tp_btf net_dev_queue", "no lookups over UDP: what is sent is not seen"),
    DATAGRAM_RECEIVED(
            29, "tp_btf sk_data_ready", "no lookups over UDP: what is received is not seen"),
    UPROBE_MULTI(
            30,
            "uprobes, many by one link",
            "no requests inside TLS connections: they are counted as not seen into"),
    SYSTEM_CALLS(
            31,
            "tracepoints of system calls",
            "no requests over TCP where tcp_sendmsg_locked is missing");

    private final int number;
    private final String title;
    private final String cost;

    KernelFeature(int number, String title, String cost) {
        this.number = number;
        this.title = title;
        this.cost = cost;
    }

    Capability probe() {
        int feature = number;
        String finding = SamplerNatives.probe(feature);
        return new Capability(title, finding.startsWith("+"), finding.substring(1), cost);
    }
}
