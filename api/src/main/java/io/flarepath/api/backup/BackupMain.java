package io.flarepath.api.backup;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The process of {@code flarepath backup} ({@code backup SERVER DIR}) and of {@code flarepath
 * restore} ({@code restore DIR DATA}). Ends with 0 when all of it was done, else with 1 and a line
 * that says why.
 */
public final class BackupMain {
    private static final int CONNECT_MILLIS = 10_000;

    /** Longer than the server waits for us. */
    private static final int SILENCE_MILLIS = 120_000;

    private static final int MOST_ERROR_BYTES = 4 << 10;

    private BackupMain() {}

    /** Runs one of the two. */
    public static void main(String[] words) {
        try {
            String command = words[0];
            String done =
                    command.equals("backup")
                            ? backup(server(words[1]), Path.of(words[2]))
                            : restore(Path.of(words[1]), Path.of(words[2]));
            System.out.println(done);
        } catch (IOException e) {
            System.err.println("flarepath " + words[0] + ": " + told(e));
            System.exit(1);
        }
    }

    private static String told(IOException e) {
        return e instanceof BackupException ? String.valueOf(e.getMessage()) : e.toString();
    }

    private static URL server(String address) throws IOException {
        try {
            return new URI(address + "/api/v1/backup").toURL();
        } catch (URISyntaxException | IllegalArgumentException e) {
            throw new BackupException("\"" + address + "\" is no address of a server", e);
        }
    }

    /** Fetches a backup into a folder. */
    static String backup(URL server, Path folder) throws IOException {
        BackupFolder begun = BackupFolder.begin(folder);
        Manifest taken = begun.take(new Fetched(server));
        return told("saved in " + folder, taken);
    }

    static String restore(Path folder, Path data) throws IOException {
        return told("restored into " + data, Restoration.run(folder, data));
    }

    private static String told(String what, Manifest manifest) {
        return String.format(
                Locale.ROOT,
                "%s: %d files, %d bytes, as of %s",
                what,
                manifest.files().size(),
                manifest.bytes(),
                manifest.taken());
    }

    /** The archive of a server, asked for when it is first read. */
    private static final class Fetched extends InputStream {
        private final URL server;
        private InputStream body = nullInputStream();
        private boolean asked;

        Fetched(URL server) {
            this.server = server;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] into, int at, int length) throws IOException {
            if (!asked) {
                asked = true;
                body = ask();
            }
            return body.read(into, at, length);
        }

        private InputStream ask() throws IOException {
            HttpURLConnection connection = (HttpURLConnection) server.openConnection();
            connection.setRequestMethod("POST");
            connection.setConnectTimeout(CONNECT_MILLIS);
            connection.setReadTimeout(SILENCE_MILLIS);
            connection.setDoOutput(true);
            connection.setFixedLengthStreamingMode(0);
            // As the launcher's other commands: the variable names a file, so that no list of
            // processes shows the token.
            String token = System.getenv("FLAREPATH_CLIENT_TOKEN");
            if (token != null && !token.isBlank()) {
                connection.setRequestProperty(
                        "Authorization", "Bearer " + Files.readString(Path.of(token)).strip());
            }
            int status;
            try {
                connection.getOutputStream().close();
                status = connection.getResponseCode();
            } catch (ConnectException e) {
                throw new BackupException(
                        "no server answers at " + server.getAuthority() + ": " + e.getMessage(), e);
            }
            if (status == HttpURLConnection.HTTP_OK) {
                return connection.getInputStream();
            }
            InputStream why = connection.getErrorStream();
            byte[] text = why == null ? new byte[0] : why.readNBytes(MOST_ERROR_BYTES);
            throw new BackupException(
                    "the server refused it (HTTP "
                            + status
                            + "): "
                            + new String(text, StandardCharsets.UTF_8));
        }
    }
}
