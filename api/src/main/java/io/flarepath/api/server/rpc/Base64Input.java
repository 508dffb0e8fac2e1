package io.flarepath.api.server.rpc;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Base64;

/**
 * Base64 as gRPC-web writes it: several texts may stand one behind the other, each with its
 * padding.
 */
final class Base64Input extends InputStream {
    private static final int CHARACTERS = 4;

    private final InputStream in;
    private byte[] held = {};
    private int given;

    Base64Input(InputStream in) {
        this.in = new BufferedInputStream(in);
    }

    private boolean fill() throws IOException {
        if (given < held.length) {
            return true;
        }
        byte[] four = in.readNBytes(CHARACTERS);
        if (four.length == 0) {
            return false;
        }
        try {
            held = Base64.getDecoder().decode(four);
        } catch (IllegalArgumentException e) {
            throw new IOException("it is no base64: " + e.getMessage(), e);
        }
        given = 0;
        return true;
    }

    @Override
    public int read() throws IOException {
        return fill() ? held[given++] & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int read = 0;
        while (read < length && fill()) {
            int part = Math.min(length - read, held.length - given);
            System.arraycopy(held, given, target, offset + read, part);
            given += part;
            read += part;
        }
        return read == 0 && length > 0 ? -1 : read;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
