package io.flarepath.api.ingest.upload;

import io.flarepath.api.server.ApiError;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.zip.GZIPInputStream;

/**
 * A stream that ends with an {@link ApiError} 413 once it has given more than the limit. Inflates
 * as it is read, so that a bomb costs no memory.
 */
public final class InflatedInput extends InputStream {
    private static final int BUFFER_BYTES = 64 << 10;
    private static final String LIMIT = "limits.inflated";

    private final InputStream in;
    private final long limitBytes;
    private final String setting;
    private long given;

    private InflatedInput(InputStream in, long limitBytes, String setting) {
        this.in = in;
        this.limitBytes = limitBytes;
        this.setting = setting;
    }

    /** The stream inflated if it starts with gzip's magic, else as it is; limited in both cases. */
    public static InflatedInput sniffed(InputStream raw, long limitBytes) throws IOException {
        return sniffed(raw, limitBytes, LIMIT);
    }

    /** The same, under a limit of another setting. */
    public static InflatedInput sniffed(InputStream raw, long limitBytes, String setting)
            throws IOException {
        PushbackInputStream peeked = new PushbackInputStream(raw, 2);
        byte[] magic = peeked.readNBytes(2);
        peeked.unread(magic);
        boolean gzip = magic.length == 2 && magic[0] == 0x1f && (magic[1] & 0xff) == 0x8b;
        return gzip
                ? gunzipped(peeked, limitBytes, setting)
                : new InflatedInput(peeked, limitBytes, setting);
    }

    /** The stream inflated, whatever it starts with. */
    public static InflatedInput gunzipped(InputStream raw, long limitBytes) throws IOException {
        return gunzipped(raw, limitBytes, LIMIT);
    }

    /** The same, under a limit of another setting. */
    public static InflatedInput gunzipped(InputStream raw, long limitBytes, String setting)
            throws IOException {
        try {
            return new InflatedInput(
                    new GZIPInputStream(new BufferedInputStream(raw), BUFFER_BYTES),
                    limitBytes,
                    setting);
        } catch (EOFException e) {
            throw cut(e);
        }
    }

    /** What the JDK throws where head or trailer are missing says nothing. */
    private static IOException cut(EOFException cause) {
        return new IOException("its gzip is cut, the head or the trailer is not whole", cause);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int read;
        try {
            read = in.read(target, offset, length);
        } catch (EOFException e) {
            throw cut(e);
        }
        if (read > 0) {
            count(read);
        }
        return read;
    }

    private void count(int bytes) {
        given += bytes;
        if (given > limitBytes) {
            throw ApiError.tooLarge(
                    "the body inflates to "
                            + given
                            + " bytes or more, the limit is "
                            + limitBytes
                            + " (setting "
                            + setting
                            + ")");
        }
    }

    /** Bytes given so far. */
    public long given() {
        return given;
    }

    /** Nothing is promised: a reader must not take room for what a hostile length announces. */
    @Override
    public int available() {
        return 0;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
