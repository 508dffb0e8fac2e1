package io.flarepath.bpf;

import java.util.Map;
import java.util.Optional;

/** Functions of OpenSSL by how they are called, with the numbers of {@code tls_function.h}. */
public enum TlsFunction {
    /** Returns how many bytes were read. */
    READ(1),
    /** Stores how many bytes were read. */
    READ_EX(2),
    /** Returns how many bytes were written. */
    WRITE(3),
    /** Stores how many bytes were written. */
    WRITE_EX(4),
    /** Returns how many bytes of a file were sent. */
    SENDFILE(5),
    /** Makes a connection. */
    NEW(6),
    /** Makes one as new. */
    CLEAR(7),
    /** Makes the keys of a connection. */
    HANDSHAKE(8);

    /**
     * Looking without taking ({@code SSL_peek}) is none of them: what is looked at is read later.
     */
    private static final Map<String, TlsFunction> BY_NAME =
            Map.of(
                    "SSL_read", READ,
                    "SSL_read_ex", READ_EX,
                    "SSL_read_early_data", READ_EX,
                    "SSL_write", WRITE,
                    "SSL_write_ex", WRITE_EX,
                    "SSL_write_early_data", WRITE_EX,
                    "SSL_sendfile", SENDFILE,
                    "SSL_new", NEW,
                    "SSL_clear", CLEAR,
                    "SSL_do_handshake", HANDSHAKE);

    private final int number;

    TlsFunction(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }

    /** The function that a symbol names, if it is one of them. */
    public static Optional<TlsFunction> of(String symbol) {
        return Optional.ofNullable(BY_NAME.get(symbol));
    }
}
