package io.flarepath.it;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One connection that posts bodies, one after the other. It does no more than it must: what a
 * client takes of the machine the server does not have. One thread.
 */
final class UploadConnection implements AutoCloseable {
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 (\\d{3}) ");
    private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: *(\\d+)\r\n");

    private final SocketChannel channel;
    private final String host;
    private final ByteBuffer answer = ByteBuffer.allocateDirect(8 << 10);

    UploadConnection(String url) throws IOException {
        URI address = URI.create(url);
        host = address.getAuthority();
        channel = SocketChannel.open(new InetSocketAddress(address.getHost(), address.getPort()));
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }

    /** Posts a body and returns the status of the answer, all of which has been read. */
    int post(String target, byte[] body) throws IOException {
        String head =
                "POST "
                        + target
                        + " HTTP/1.1\r\nHost: "
                        + host
                        + "\r\nContent-Type: application/octet-stream\r\nContent-Length: "
                        + body.length
                        + "\r\n\r\n";
        ByteBuffer[] request = {
            ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)), ByteBuffer.wrap(body)
        };
        while (request[1].hasRemaining()) {
            long _ = channel.write(request);
        }
        return status();
    }

    private int status() throws IOException {
        answer.clear();
        while (true) {
            if (channel.read(answer) < 0) {
                throw new EOFException("the server closed the connection before its answer");
            }
            String text = StandardCharsets.ISO_8859_1.decode(answer.duplicate().flip()).toString();
            int end = text.indexOf("\r\n\r\n");
            if (end < 0) {
                continue;
            }
            Matcher status = STATUS.matcher(text);
            Matcher length = LENGTH.matcher(text);
            if (!status.lookingAt() || !length.find()) {
                throw new IOException("not an answer with a length: " + text);
            }
            if (text.length() >= end + 4 + Integer.parseInt(length.group(1))) {
                return Integer.parseInt(status.group(1));
            }
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
