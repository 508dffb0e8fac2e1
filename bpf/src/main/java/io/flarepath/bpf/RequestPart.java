package io.flarepath.bpf;

/**
 * What {@link RequestBytes} can tell of, each by programs of its own: a kernel may have some of
 * them. With the numbers of the bits of {@code enum request_part} in requests.h.
 */
public enum RequestPart {
    /** What goes over TCP. */
    STREAMS(0, "requests over TCP"),
    /** Datagrams of DNS. */
    DATAGRAMS(1, "lookups over UDP"),
    /** What TLS carries, of processes that use OpenSSL; only together with streams. */
    TLS(2, "requests inside of TLS");

    private final int number;
    private final String title;

    RequestPart(int number, String title) {
        this.number = number;
        this.title = title;
    }

    int number() {
        return number;
    }

    /** In words. */
    public String title() {
        return title;
    }
}
