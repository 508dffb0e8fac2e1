package io.flarepath.agent.requests.capture;

import io.flarepath.bpf.Capability;
import io.flarepath.bpf.KernelSupport;
import io.flarepath.bpf.RequestBytes;
import io.flarepath.bpf.RequestPart;
import java.util.Set;

/** From where what goes over TCP is seen. */
enum StreamView {
    /** The kernel's own send and receive, if it lets look into them. */
    KERNEL,
    /** System calls: the way of older kernels, which this one has too. */
    SYSTEM_CALLS;

    private static final Set<String> HOOKS =
            Set.of(
                    "tp_btf tcp_sendmsg_locked",
                    "tp_btf sock_send_length",
                    "tp_btf skb_copy_datagram_iovec");

    /** That of tests which do not choose: {@code -DbySystemCalls=true} runs them the other way. */
    static StreamView usual() {
        return Boolean.getBoolean("bySystemCalls") ? SYSTEM_CALLS : KERNEL;
    }

    RequestBytes open(int ringBytes, Set<RequestPart> wanted) {
        return switch (this) {
            case KERNEL -> inTheKernel(ringBytes, wanted);
            case SYSTEM_CALLS -> RequestBytes.openBySystemCalls(ringBytes, 0, wanted);
        };
    }

    /** A kernel that has all hooks must take the programs. */
    private static RequestBytes inTheKernel(int ringBytes, Set<RequestPart> wanted) {
        RequestBytes bytes = RequestBytes.open(ringBytes, 0, wanted);
        if (bytes.bySystemCalls() && hasHooks()) {
            String why = bytes.whyBySystemCalls();
            bytes.close();
            throw new AssertionError(why);
        }
        return bytes;
    }

    private static boolean hasHooks() {
        return KernelSupport.probe().stream()
                .filter(capability -> HOOKS.contains(capability.name()))
                .allMatch(Capability::present);
    }
}
