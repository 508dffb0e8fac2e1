package io.flarepath.symbolizer.binary.debugfile;

import io.flarepath.symbolizer.binary.ByteSource;
import io.flarepath.symbolizer.binary.ElfFile;
import io.flarepath.symbolizer.binary.Identity;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Fetches debug files by build-id from servers (debuginfod(8): {@code GET
 * /buildid/BUILDID/debuginfo}), and keeps them on disk. What no server has is not asked for again
 * for a day.
 */
public final class Debuginfod {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration ANSWER = Duration.ofSeconds(30);
    private static final Duration WHOLE = Duration.ofSeconds(90);
    private static final Duration MISSING_FOR = Duration.ofHours(24);
    private static final long MOST_FILE = 1L << 30;
    private static final long MOST_KEPT = 2L << 30;
    private static final int MAX_SERVERS = 8;

    private final List<String> servers;
    private final Path folder;

    private record Kept(Path path, long bytes, FileTime used) {}

    /**
     * @param urls servers, with blanks between, as {@code DEBUGINFOD_URLS} has them; others than
     *     http and https are left out
     * @param folder in which files are kept
     */
    public Debuginfod(String urls, Path folder) {
        List<String> usable = new ArrayList<>();
        for (String url : urls.trim().split("\\s+", -1)) {
            if ((url.startsWith("http://") || url.startsWith("https://"))
                    && usable.size() < MAX_SERVERS) {
                usable.add(url.endsWith("/") ? url.substring(0, url.length() - 1) : url);
            }
        }
        this.servers = List.copyOf(usable);
        this.folder = folder;
    }

    /** Whether there is a server to ask. */
    public boolean isConfigured() {
        return !servers.isEmpty();
    }

    /** The debug file of a build-id; null if no server has it. */
    public DebugFiles.@Nullable Found find(String buildId) throws IOException {
        if (servers.isEmpty() || buildId.length() < 8) {
            return null;
        }
        Files.createDirectories(folder);
        Path file = folder.resolve(buildId + ".debug");
        Path missing = folder.resolve(buildId + ".missing");
        if (!Files.exists(file)) {
            if (isFresh(missing) || !fetch(buildId, file)) {
                return null;
            }
            trim(file);
        }
        Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
        return open(file, buildId);
    }

    private static boolean isFresh(Path missing) {
        try {
            Instant since = Files.getLastModifiedTime(missing).toInstant();
            return Duration.between(since, Instant.now()).compareTo(MISSING_FOR) < 0;
        } catch (IOException e) {
            return false;
        }
    }

    private DebugFiles.@Nullable Found open(Path file, String buildId) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        boolean kept = false;
        try {
            ElfFile elf = ElfFile.read(ByteSource.of(channel));
            kept = Identity.buildId(elf).equals(buildId);
            return kept ? new DebugFiles.Found(file.toString(), elf, channel) : null;
        } finally {
            if (!kept) {
                channel.close();
                Files.deleteIfExists(file);
            }
        }
    }

    private boolean fetch(String buildId, Path file) throws IOException {
        boolean allAnswered = true;
        try (HttpClient client =
                HttpClient.newBuilder()
                        .connectTimeout(CONNECT)
                        .followRedirects(HttpClient.Redirect.NORMAL)
                        .build()) {
            for (String server : servers) {
                try {
                    if (fetch(client, server + "/buildid/" + buildId + "/debuginfo", file)) {
                        return true;
                    }
                } catch (IOException | IllegalArgumentException e) {
                    allAnswered = false; // The next server may be there.
                }
            }
            client.shutdownNow();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        if (allAnswered) {
            Path missing = folder.resolve(buildId + ".missing");
            Files.deleteIfExists(missing);
            Files.createFile(missing);
        }
        return false;
    }

    private static boolean fetch(HttpClient client, String url, Path file)
            throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url)).timeout(ANSWER).build();
        HttpResponse<InputStream> response =
                client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            if (response.statusCode() == 404) {
                return false;
            }
            if (response.statusCode() != 200) {
                throw new IOException(url + " answers " + response.statusCode());
            }
            Path part = file.resolveSibling(file.getFileName() + ".part");
            try {
                copy(body, part);
                Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(part);
            }
            return true;
        }
    }

    private static void copy(InputStream body, Path part) throws IOException {
        long end = System.nanoTime() + WHOLE.toNanos();
        byte[] chunk = new byte[1 << 16];
        long bytes = 0;
        try (OutputStream out = Files.newOutputStream(part)) {
            for (int got = body.read(chunk); got >= 0; got = body.read(chunk)) {
                bytes += got;
                if (bytes > MOST_FILE || System.nanoTime() - end > 0) {
                    throw new IOException("a debug file is larger or slower than it may be");
                }
                out.write(chunk, 0, got);
            }
        }
    }

    /** Removes the files used longest ago, until the rest has its limit. */
    private void trim(Path newest) throws IOException {
        List<Kept> all = new ArrayList<>();
        long bytes = 0;
        try (DirectoryStream<Path> paths = Files.newDirectoryStream(folder, "*.debug")) {
            for (Path path : paths) {
                all.add(new Kept(path, Files.size(path), Files.getLastModifiedTime(path)));
                bytes += all.getLast().bytes;
            }
        }
        all.sort(Comparator.comparing(Kept::used));
        for (Kept oldest : all) {
            if (bytes <= MOST_KEPT) {
                return;
            }
            if (!oldest.path.equals(newest)) {
                Files.deleteIfExists(oldest.path);
                bytes -= oldest.bytes;
            }
        }
    }
}
