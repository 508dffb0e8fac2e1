package io.flarepath.agent.requests.stream;

import org.jspecify.annotations.Nullable;

/**
 * One connection of one process, what TLS carries over one, or for UDP one socket together with one
 * peer. The same in each segment of it.
 *
 * @param socket the kernel's cookie of the socket; never used twice while the system runs
 * @param transport what carries it
 * @param pid process that owns the socket, in the agent's pid namespace
 * @param role what the process is by how the connection was opened (it listened, or it connected),
 *     or null if that is not known
 * @param localPort port of the process
 * @param peerAddress address of the other end as text
 * @param peerPort port of the other end
 */
public record ConnectionKey(
        long socket,
        Transport transport,
        int pid,
        @Nullable Role role,
        int localPort,
        String peerAddress,
        int peerPort) {

    /** Of what tells connections apart: it is asked for each segment. */
    @Override
    public int hashCode() {
        return Long.hashCode(socket) * 31 + peerPort;
    }
}
