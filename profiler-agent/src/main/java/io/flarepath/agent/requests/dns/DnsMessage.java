package io.flarepath.agent.requests.dns;

import io.flarepath.agent.requests.stream.ByteView;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The header and the one question of a message (RFC 1035, section 4).
 *
 * @param id chosen by who asks
 * @param answer whether it is an answer
 * @param opcode 0 for a query
 * @param code response code, 0 for none
 * @param name name asked for in lower case, without the dot at its end; "." for the root
 * @param type type asked for, as {@code AAAA}
 */
record DnsMessage(int id, boolean answer, int opcode, int code, String name, String type) {
    private static final int HEADER = 12;
    private static final int LONGEST_NAME = 255;

    /** The message that begins at an index, or null if it is none with one question. */
    static @Nullable DnsMessage read(ByteView view, int from) {
        if (view.length() - from < HEADER + 5) {
            return null;
        }
        int flags = view.u16(from + 2);
        if (view.u16(from + 4) != 1 || (flags & 0x0040) != 0) {
            return null;
        }
        StringBuilder name = new StringBuilder();
        int at = from + HEADER;
        while (at < view.length() && view.u8(at) != 0) {
            int length = view.u8(at);
            // The name of a question is the first of a message: it cannot point at another.
            if (length > 63
                    || at + 1 + length >= view.length()
                    || name.length() + length > LONGEST_NAME) {
                return null;
            }
            if (!name.isEmpty()) {
                name.append('.');
            }
            label(name, view, at + 1, length);
            at += 1 + length;
        }
        if (view.length() - at < 5) {
            return null;
        }
        int questionClass = view.u16(at + 3);
        if (questionClass != 1 && questionClass != 255) {
            return null;
        }
        return new DnsMessage(
                view.u16(from),
                (flags & 0x8000) != 0,
                flags >> 11 & 0xF,
                flags & 0xF,
                name.isEmpty() ? "." : name.toString().toLowerCase(Locale.ROOT),
                type(view.u16(at + 1)));
    }

    private static void label(StringBuilder name, ByteView view, int from, int length) {
        for (int i = from; i < from + length; i++) {
            int c = view.u8(i);
            name.append(c > ' ' && c < 127 && c != '.' ? (char) c : '?');
        }
    }

    /** Names of response codes (iana.org/assignments/dns-parameters). */
    static String codeName(int code) {
        return switch (code) {
            case 0 -> "NOERROR";
            case 1 -> "FORMERR";
            case 2 -> "SERVFAIL";
            case 3 -> "NXDOMAIN";
            case 4 -> "NOTIMP";
            case 5 -> "REFUSED";
            default -> "RCODE" + code;
        };
    }

    private static String type(int type) {
        return switch (type) {
            case 1 -> "A";
            case 2 -> "NS";
            case 5 -> "CNAME";
            case 6 -> "SOA";
            case 12 -> "PTR";
            case 15 -> "MX";
            case 16 -> "TXT";
            case 28 -> "AAAA";
            case 33 -> "SRV";
            case 35 -> "NAPTR";
            case 43 -> "DS";
            case 48 -> "DNSKEY";
            case 64 -> "SVCB";
            case 65 -> "HTTPS";
            case 255 -> "ANY";
            case 257 -> "CAA";
            default -> "TYPE" + type;
        };
    }
}
