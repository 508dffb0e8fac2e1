package io.flarepath.api.server.rpc;

import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.RequestBody;
import io.vertx.ext.web.RoutingContext;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Locale;

/**
 * The one message of a unary call: where it lies in the body, and whether it is compressed. Opened
 * on a thread that may block.
 */
public final class RpcMessage {
    private static final int HEAD_BYTES = 5;

    private final RpcProtocol protocol;
    private final String encoding;

    private RpcMessage(RpcProtocol protocol, String encoding) {
        this.protocol = protocol;
        this.encoding = encoding;
    }

    /**
     * What a request says of its message.
     *
     * @throws ApiError 501 for an encoding that is not known
     */
    public static RpcMessage of(RpcProtocol protocol, RoutingContext context) {
        String header = protocol.isFramed() ? "grpc-encoding" : "Content-Encoding";
        String given = context.request().getHeader(header);
        String encoding = given == null ? "" : given.toLowerCase(Locale.ROOT);
        return switch (encoding) {
            case "", "identity" -> new RpcMessage(protocol, "");
            case "gzip" -> new RpcMessage(protocol, encoding);
            default ->
                    throw new ApiError(
                            501,
                            "unimplemented",
                            "the encoding \""
                                    + encoding
                                    + "\" is not known; gzip and identity are");
        };
    }

    /** Makes of compressed bytes what they were, under a limit. */
    @FunctionalInterface
    public interface Inflater {
        InputStream inflated(InputStream compressed) throws IOException;
    }

    /**
     * Opens the message from the start, not compressed.
     *
     * @throws ApiError 400 when the body is not one frame with one message
     */
    public InputStream open(RequestBody body, Inflater inflater) throws IOException {
        if (!protocol.isFramed()) {
            return encoding.isEmpty() ? body.open() : inflater.inflated(body.open());
        }
        long bytes = framedBytes(body);
        InputStream framed = framed(body);
        boolean compressed = head(framed, bytes);
        return compressed ? inflater.inflated(framed) : framed;
    }

    private InputStream framed(RequestBody body) throws IOException {
        return protocol == RpcProtocol.GRPC_WEB_TEXT ? new Base64Input(body.open()) : body.open();
    }

    private long framedBytes(RequestBody body) throws IOException {
        if (protocol != RpcProtocol.GRPC_WEB_TEXT) {
            return body.bytes();
        }
        try (InputStream in = framed(body)) {
            return in.transferTo(OutputStream.nullOutputStream());
        }
    }

    private boolean head(InputStream framed, long bytes) throws IOException {
        int flags;
        long length;
        try {
            DataInputStream head = new DataInputStream(framed);
            flags = head.readUnsignedByte();
            length = Integer.toUnsignedLong(head.readInt());
        } catch (EOFException e) {
            throw ApiError.invalid("the body ends within the head of its frame");
        }
        if (length != bytes - HEAD_BYTES) {
            throw ApiError.invalid(
                    "a unary call has one message: the frame announces "
                            + length
                            + " bytes, there are "
                            + (bytes - HEAD_BYTES));
        }
        if (flags > 1 || (flags == 1 && encoding.isEmpty())) {
            throw ApiError.invalid(
                    flags > 1
                            ? "the flags " + flags + " of the frame are not known"
                            : "the frame is compressed, and grpc-encoding does not say how");
        }
        return flags == 1;
    }
}
