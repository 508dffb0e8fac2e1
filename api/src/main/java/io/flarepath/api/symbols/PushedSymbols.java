package io.flarepath.api.symbols;

import com.fasterxml.jackson.core.JsonGenerator;
import io.flarepath.api.ingest.upload.InflatedInput;
import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.RequestBody;
import io.flarepath.store.ProfileStore;
import io.flarepath.store.StoreException;
import io.flarepath.store.profile.Frame;
import io.flarepath.store.query.LateNames;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes pushed debug files, and keeps a symbol file of each build. A push goes by a file on disk:
 * its bytes are never on the heap. One push at a time.
 */
public final class PushedSymbols implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PushedSymbols.class);
    private static final Duration PATIENCE = Duration.ofMinutes(15);
    private static final byte[] ELF = {0x7f, 'E', 'L', 'F'};

    private final SymbolFolder folder;
    private final PushedNames names;
    private final long fileBytes;
    private final Compilation compilation = new Compilation(PATIENCE);

    private PushedSymbols(SymbolFolder folder, long fileBytes) throws IOException {
        this.folder = folder;
        this.names = PushedNames.in(folder);
        this.fileBytes = fileBytes;
    }

    /**
     * Opens the folder of symbol files, or makes it.
     *
     * @param fileBytes longest file that is taken, inflated ({@code limits.symbol-file})
     * @param mostBytes what all symbol files may take ({@code limits.symbols})
     * @throws StoreException when the folder cannot be used
     */
    public static PushedSymbols open(Path folder, long fileBytes, long mostBytes) {
        try {
            return new PushedSymbols(new SymbolFolder(folder, mostBytes), fileBytes);
        } catch (IOException e) {
            throw new StoreException(
                    StoreException.Reason.DISK,
                    "the folder of symbol files, " + folder + ", cannot be used: " + e,
                    e);
        }
    }

    /** What the store asks while it makes a tree. */
    public LateNames names() {
        return names;
    }

    /** Longest file that is taken, in bytes, inflated or not. */
    public long fileBytes() {
        return fileBytes;
    }

    /**
     * What a push came to.
     *
     * @param build of which build the file is
     * @param kept whether an earlier push of the build said more, and stays
     * @param named frames of each service that were stored with an address alone
     */
    record Pushed(Build build, boolean kept, Map<String, Named> named) {
        void write(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeStringField("buildId", build.buildId());
            json.writeNumberField("functions", build.functions());
            json.writeBooleanField("lines", build.lines());
            json.writeBooleanField("kept", kept);
            json.writeBooleanField("executable", !build.loads().isEmpty());
            json.writeArrayFieldStart("services");
            for (Map.Entry<String, Named> each : named.entrySet()) {
                json.writeStartObject();
                json.writeStringField("service", each.getKey());
                json.writeNumberField("unnamed", each.getValue().unnamed());
                json.writeNumberField("named", each.getValue().named());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        }
    }

    /**
     * Frames of one service.
     *
     * @param unnamed that were stored with an address of the build alone
     * @param named of these, that have a name now
     */
    record Named(int unnamed, int named) {}

    /**
     * Takes a pushed file: an ELF file, compressed with gzip or not. Blocks while it is compiled.
     *
     * @throws ApiError 422 for a file that cannot name anything, 413 for one that is too large, 503
     *     for faults of the server
     */
    Pushed push(String tenant, RequestBody body, ProfileStore store) {
        String unique = UUID.randomUUID().toString();
        Path file = folder.scratch().resolve(unique + ".elf");
        Path symbols = folder.scratch().resolve(unique + ".symbols");
        try {
            save(body, file);
            Build build = compilation.compile(file, symbols, folder.scratch());
            Build before = names.find(tenant, build.buildId());
            if (before != null && !build.isAsGoodAs(before)) {
                Build stays = completed(tenant, before, build);
                return new Pushed(stays, true, named(tenant, stays, store));
            }
            Build taken = taken(tenant, before, build, symbols);
            return new Pushed(taken, false, named(tenant, taken, store));
        } catch (IOException e) {
            LOG.error("a symbol file could not be kept in {}", folder.scratch(), e);
            throw new ApiError(
                    503, "unavailable", "the server could not keep the symbols: " + e.getMessage());
        } finally {
            clear();
        }
    }

    private void clear() {
        try {
            folder.clearScratch();
        } catch (IOException e) {
            LOG.warn("temporary files could not be removed: {}", e.getMessage());
        }
    }

    /** Writes the body to a file, inflated; reads no more of it than can be an ELF file. */
    private void save(RequestBody body, Path file) throws IOException {
        byte[] buffer = new byte[64 << 10];
        try (InputStream raw = body.open();
                OutputStream out = Files.newOutputStream(file)) {
            InflatedInput in = inflated(raw);
            int head = read(in, buffer, true);
            for (int i = 0; i < ELF.length; i++) {
                if (head < ELF.length || buffer[i] != ELF[i]) {
                    throw ApiError.unreadable(
                            "the body is no ELF file: send an executable, a library or a debug"
                                    + " file of one, as it is or compressed with gzip");
                }
            }
            for (int length = head; length > 0; length = read(in, buffer, false)) {
                out.write(buffer, 0, length);
            }
        }
    }

    private InflatedInput inflated(InputStream raw) {
        try {
            return InflatedInput.sniffed(raw, fileBytes, "limits.symbol-file");
        } catch (IOException e) {
            throw damaged(e);
        }
    }

    private static int read(InputStream in, byte[] buffer, boolean full) {
        try {
            return full ? in.readNBytes(buffer, 0, buffer.length) : in.read(buffer);
        } catch (IOException e) {
            throw damaged(e);
        }
    }

    private static ApiError damaged(IOException why) {
        return ApiError.unreadable("the gzip in the body is cut or damaged: " + why.getMessage());
    }

    /** The symbols that were there stay; the file may still tell where code is loaded. */
    private Build completed(String tenant, Build before, Build pushed) throws IOException {
        Build completed = before.withExecutable(pushed);
        folder.describe(tenant, completed);
        names.add(tenant, completed);
        return completed;
    }

    /** The symbols replace what was there. */
    private Build taken(String tenant, @Nullable Build before, Build pushed, Path symbols)
            throws IOException {
        if (pushed.functions() == 0) {
            throw ApiError.unreadable(
                    "nothing in the file names code: it is stripped. Send the debug file of build "
                            + pushed.buildId()
                            + ", or the executable before it was stripped");
        }
        long bytes = Files.size(symbols);
        if (bytes > folder.mostBytes()) {
            throw ApiError.tooLarge(
                    "the symbols take "
                            + bytes
                            + " bytes, the limit of all symbol files is "
                            + folder.mostBytes()
                            + " (setting limits.symbols)");
        }
        Build build =
                before == null || !pushed.loads().isEmpty()
                        ? pushed
                        : pushed.withExecutable(before);
        folder.put(tenant, build, symbols);
        names.add(tenant, build);
        folder.trim().forEach(gone -> names.remove(gone.tenant(), gone.build()));
        return build;
    }

    private Map<String, Named> named(String tenant, Build build, ProfileStore store) {
        Map<String, int[]> counts = new TreeMap<>();
        for (String id : List.of(build.buildId(), build.fileHash())) {
            store.unnamed(tenant, id)
                    .forEach((service, frames) -> {
                        int[] count = counts.computeIfAbsent(service, name -> new int[2]);
                        for (Frame frame : frames) {
                            count[0]++;
                            count[1] += names.of(tenant, frame).isEmpty() ? 0 : 1;
                        }
                    });
        }
        Map<String, Named> named = new TreeMap<>();
        counts.forEach((service, count) -> named.put(service, new Named(count[0], count[1])));
        return named;
    }

    /** Ends a compilation that is under way. */
    @Override
    public void close() {
        compilation.close();
    }
}
