package io.flarepath.agent.requests.corpus;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;

/**
 * Stands between a client and a server on this machine and writes down what they say: a file a
 * connection, a line a read. How the recordings were made is in {@code corpus/README.md}.
 */
final class RecordingProxy {
    private RecordingProxy() {}

    /** Arguments: port to listen on, port of the server, prefix of the files. */
    public static void main(String[] arguments) throws IOException {
        InetAddress local = InetAddress.getLoopbackAddress();
        int target = Integer.parseInt(arguments[1]);
        try (ServerSocket listening = new ServerSocket(Integer.parseInt(arguments[0]), 16, local)) {
            for (int i = 1; ; i++) {
                Socket client = listening.accept();
                Socket server = new Socket(local, target);
                Path file = Path.of(arguments[2] + "-" + i + ".txt");
                PrintStream out = new PrintStream(Files.newOutputStream(file), true);
                long start = System.nanoTime();
                copy(client, server, 'C', out, start);
                copy(server, client, 'S', out, start);
            }
        }
    }

    private static void copy(Socket from, Socket to, char side, PrintStream out, long start) {
        Thread.ofPlatform()
                .daemon()
                .start(() -> {
                    byte[] buffer = new byte[1 << 16];
                    try (InputStream in = from.getInputStream();
                            OutputStream target = to.getOutputStream()) {
                        for (int count = in.read(buffer); count > 0; count = in.read(buffer)) {
                            long micros = (System.nanoTime() - start) / 1000;
                            String hex = HexFormat.of().formatHex(buffer, 0, count);
                            synchronized (out) {
                                out.println(side + " " + micros + " " + hex);
                            }
                            target.write(buffer, 0, count);
                            target.flush();
                        }
                    } catch (IOException e) {
                        // One of the two has closed: the recording is complete.
                    }
                });
    }
}
