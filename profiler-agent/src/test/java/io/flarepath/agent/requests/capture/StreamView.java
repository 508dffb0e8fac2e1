package io.flarepath.agent.requests.capture;

import io.flarepath.bpf.RequestBytes;
import io.flarepath.bpf.RequestPart;
import java.util.Set;

/** From where what goes over TCP is seen. */
enum StreamView {
    /** The kernel's own send and receive, if it lets look into them. */
    KERNEL,
    /** System calls: the way of older kernels, which this one has too. */
    SYSTEM_CALLS;

    /** That of tests which do not choose: {@code -DbySystemCalls=true} runs them the other way. */
    static StreamView usual() {
        return Boolean.getBoolean("bySystemCalls") ? SYSTEM_CALLS : KERNEL;
    }

    RequestBytes open(int ringBytes, Set<RequestPart> wanted) {
        return switch (this) {
            case KERNEL -> RequestBytes.open(ringBytes, 0, wanted);
            case SYSTEM_CALLS -> RequestBytes.openBySystemCalls(ringBytes, 0, wanted);
        };
    }
}
