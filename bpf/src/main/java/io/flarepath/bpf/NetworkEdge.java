package io.flarepath.bpf;

/**
 * A process and whom it speaks to.
 *
 * @param pid process in the first pid namespace; 0 for none
 * @param client whether it connected
 * @param server whether it listened; neither where it is not known
 * @param udp UDP, else TCP
 * @param overflow there was no room to tell peers apart, or any more than that
 * @param port that was connected to; 0 if there is none
 * @param peer address of the other end, as text; empty if there is none
 * @param local address of the process's own end, as text; empty if it is not bound to one
 */
public record NetworkEdge(
        int pid,
        boolean client,
        boolean server,
        boolean udp,
        boolean overflow,
        int port,
        String peer,
        String local) {}
