package io.flarepath.agent.requests;

import io.flarepath.agent.requests.message.Exchange;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * A protocol whose requests and answers can be told apart: the answer to request number i has a
 * size that no other one has.
 */
enum NumberedWire {
    HTTP1 {
        @Override
        byte[] request(int i) {
            return ascii("GET /r" + i + " HTTP/1.1\r\nHost: h\r\n\r\n");
        }

        @Override
        byte[] response(int i) {
            return ascii("HTTP/1.1 200 OK\r\nContent-Length: " + i + "\r\n\r\n" + text(i));
        }

        @Override
        int number(Exchange exchange) {
            return digits(exchange.target());
        }

        @Override
        long responseBytes(int i) {
            return i;
        }
    },
    REDIS {
        @Override
        byte[] request(int i) {
            return ascii("*2\r\n$9\r\nGET." + letters(i) + "\r\n$1\r\nk\r\n");
        }

        @Override
        byte[] response(int i) {
            return ascii("$" + i + "\r\n" + text(i) + "\r\n");
        }

        @Override
        int number(Exchange exchange) {
            return fromLetters(exchange.operation().substring(4));
        }
    },
    POSTGRESQL {
        @Override
        byte[] opening() {
            return bytes(0, 0, 0, 16, 0, 3, 0, 0, "user\0me\0".substring(0, 8));
        }

        @Override
        byte[] welcome() {
            return bytes('R', 0, 0, 0, 8, 0, 0, 0, 0, 'Z', 0, 0, 0, 5, "I");
        }

        @Override
        byte[] request(int i) {
            String sql = "SELECT a FROM t" + i;
            return bytes('Q', 0, 0, 0, sql.length() + 5, sql, 0);
        }

        @Override
        byte[] response(int i) {
            int size = 10 + i;
            return bytes(
                    'D',
                    0,
                    0,
                    size >> 8,
                    size & 0xFF,
                    0,
                    1,
                    0,
                    0,
                    i >> 8,
                    i & 0xFF,
                    text(i),
                    'C',
                    0,
                    0,
                    0,
                    6,
                    "X\0",
                    'Z',
                    0,
                    0,
                    0,
                    5,
                    "I");
        }

        @Override
        int number(Exchange exchange) {
            return digits(exchange.target());
        }
    },
    MYSQL {
        @Override
        byte[] opening() {
            return bytes(8, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1);
        }

        @Override
        byte[] greeting() {
            return bytes(12, 0, 0, 0, 10, "8.0.36\0", 1, 0, 0, 0);
        }

        @Override
        byte[] welcome() {
            return bytes(7, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0);
        }

        @Override
        byte[] request(int i) {
            String sql = "SELECT a FROM t" + i;
            return bytes(sql.length() + 1, 0, 0, 0, 3, sql);
        }

        @Override
        byte[] response(int i) {
            int size = 7 + i;
            return bytes(size & 0xFF, size >> 8, 0, 1, 0, 0, 0, 2, 0, 0, 0, text(i));
        }

        @Override
        int number(Exchange exchange) {
            return digits(exchange.target());
        }
    },
    KAFKA {
        @Override
        byte[] request(int i) {
            String topic = "t" + i;
            int size = 10 + 1 + 2 + 4 + 4 + 2 + topic.length() + 4;
            return bytes(
                    0,
                    0,
                    0,
                    size,
                    0,
                    0,
                    0,
                    2,
                    0,
                    0,
                    i >> 8,
                    i & 0xFF,
                    0,
                    1,
                    "c",
                    0,
                    1,
                    0,
                    0,
                    0,
                    9,
                    0,
                    0,
                    0,
                    1,
                    0,
                    topic.length(),
                    topic,
                    0,
                    0,
                    0,
                    0);
        }

        @Override
        byte[] response(int i) {
            int size = 4 + i;
            return bytes(0, 0, size >> 8, size & 0xFF, 0, 0, i >> 8, i & 0xFF, text(i));
        }

        @Override
        int number(Exchange exchange) {
            return digits(exchange.target());
        }
    },
    HTTP2 {
        @Override
        byte[] opening() {
            return bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0, 0, 0, 4, 0, 0, 0, 0, 0);
        }

        @Override
        byte[] welcome() {
            return bytes(0, 0, 0, 4, 0, 0, 0, 0, 0);
        }

        @Override
        byte[] request(int i) {
            String path = "/r" + i;
            int stream = 2 * i + 1;
            // :method GET, then :path as a literal that is added to the table.
            return bytes(
                    0,
                    0,
                    3 + path.length(),
                    1,
                    5,
                    0,
                    0,
                    stream >> 8,
                    stream & 0xFF,
                    0x82,
                    0x44,
                    path.length(),
                    path);
        }

        @Override
        byte[] response(int i) {
            int stream = 2 * i + 1;
            return bytes(
                    0,
                    0,
                    1,
                    1,
                    4,
                    0,
                    0,
                    stream >> 8,
                    stream & 0xFF,
                    0x88,
                    0,
                    i >> 8,
                    i & 0xFF,
                    0,
                    1,
                    0,
                    0,
                    stream >> 8,
                    stream & 0xFF,
                    text(i));
        }

        @Override
        int number(Exchange exchange) {
            return digits(exchange.target());
        }

        @Override
        long responseBytes(int i) {
            return i;
        }
    };

    /** What the server says before the client does. */
    byte[] greeting() {
        return new byte[0];
    }

    /** What the client says first. */
    byte[] opening() {
        return new byte[0];
    }

    /** What the server answers to it. */
    byte[] welcome() {
        return new byte[0];
    }

    /** Request number i, from 1 on. */
    abstract byte[] request(int i);

    /** The answer to it. */
    abstract byte[] response(int i);

    /** Which request it was. */
    abstract int number(Exchange exchange);

    /** What the answer to it is counted as. */
    long responseBytes(int i) {
        return response(i).length;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] bytes(Object... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Object part : parts) {
            if (part instanceof String text) {
                out.writeBytes(ascii(text));
            } else if (part instanceof Character c) {
                out.write(c);
            } else if (part instanceof Integer number) {
                out.write(number);
            }
        }
        return out.toByteArray();
    }

    private static String text(int length) {
        return "x".repeat(length);
    }

    private static int digits(String text) {
        String digits = text.replaceAll("[^0-9]", "");
        return digits.isEmpty() ? -1 : Integer.parseInt(digits);
    }

    private static String letters(int i) {
        StringBuilder text = new StringBuilder();
        for (int left = i, n = 0; n < 5; n++, left /= 26) {
            text.append((char) ('A' + left % 26));
        }
        return text.toString();
    }

    private static int fromLetters(String text) {
        int value = 0;
        for (int i = text.length() - 1; i >= 0; i--) {
            value = value * 26 + text.charAt(i) - 'A';
        }
        return value;
    }
}
