package io.flarepath.config;

import java.net.InetSocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where to listen.
 *
 * @param host name or number, an IPv6 address without brackets
 * @param port 0 to 65535; 0 means any free one
 */
public record Address(String host, int port) {
    private static final Pattern WRITTEN =
            Pattern.compile("(?:\\[([0-9a-fA-F:.%a-z]+)]|([A-Za-z0-9._-]+)):([0-9]{1,5})");

    /**
     * Parses {@code host:port} or {@code [v6]:port}.
     *
     * @throws IllegalArgumentException if it is neither
     */
    public static Address parse(String text) {
        Matcher matcher = WRITTEN.matcher(text);
        if (!matcher.matches() || Integer.parseInt(matcher.group(3)) > 65_535) {
            throw new IllegalArgumentException("not an address: " + text);
        }
        String v6 = matcher.group(1);
        if (v6 != null && v6.indexOf(':') < 0) {
            throw new IllegalArgumentException("not an IPv6 address: " + text);
        }
        return new Address(v6 != null ? v6 : matcher.group(2), Integer.parseInt(matcher.group(3)));
    }

    /** The address to bind or to connect to; resolves a name. */
    public InetSocketAddress toSocketAddress() {
        return new InetSocketAddress(host, port);
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
