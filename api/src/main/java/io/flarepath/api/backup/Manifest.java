package io.flarepath.api.backup;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.flarepath.api.server.JsonAnswer;
import io.flarepath.store.RocksDbProfileStore;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a backup holds, file by file. It is written last: a backup without one is incomplete.
 *
 * @param taken when the store was as it lies there
 * @param storeFormat format version of the store
 * @param files all files but the manifest itself
 */
record Manifest(Instant taken, String storeFormat, List<Entry> files) {
    static final String NAME = "manifest.json";

    /** Longest manifest that is read: some hundred thousand files. */
    static final int MOST_BYTES = 64 << 20;

    private static final int VERSION = 1;
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

    /** One file: its name, its length in bytes, the SHA-256 of what is in it. */
    record Entry(String path, long bytes, String sha256) {}

    Manifest {
        files = List.copyOf(files);
    }

    long bytes() {
        return files.stream().mapToLong(Entry::bytes).sum();
    }

    byte[] encode() throws IOException {
        return JsonAnswer.encode(this::write);
    }

    private void write(JsonGenerator json) throws IOException {
        json.useDefaultPrettyPrinter();
        json.writeStartObject();
        json.writeNumberField("version", VERSION);
        json.writeStringField("taken", taken.toString());
        json.writeStringField("storeFormat", storeFormat);
        json.writeArrayFieldStart("files");
        for (Entry entry : files) {
            json.writeStartObject();
            json.writeStringField("path", entry.path);
            json.writeNumberField("bytes", entry.bytes);
            json.writeStringField("sha256", entry.sha256);
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    /**
     * Reads a manifest.
     *
     * @throws BackupException when it is none, or one of another version
     */
    static Manifest decode(byte[] text) throws BackupException {
        JsonNode root;
        try {
            root = new ObjectMapper().readTree(text);
        } catch (JacksonException e) {
            throw new BackupException("the manifest is damaged: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new BackupException("the manifest cannot be read", e);
        }
        if (root.path("version").asInt() != VERSION) {
            throw new BackupException(
                    "the backup has version "
                            + root.path("version").asText("none")
                            + "; this Flarepath reads version "
                            + VERSION);
        }
        String storeFormat = root.path("storeFormat").asText();
        if (!RocksDbProfileStore.reads(storeFormat)) {
            throw new BackupException(
                    "the backup is of a store of format version "
                            + storeFormat
                            + ", which this Flarepath does not read: use the one that wrote it");
        }
        Instant taken;
        try {
            taken = Instant.parse(root.path("taken").asText());
        } catch (DateTimeException e) {
            throw new BackupException("the manifest does not say when the backup was taken", e);
        }
        return new Manifest(taken, storeFormat, entries(root.path("files")));
    }

    private static List<Entry> entries(JsonNode files) throws BackupException {
        List<Entry> entries = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (JsonNode file : files) {
            String path = BackupPath.checked(file.path("path").asText());
            long bytes = file.path("bytes").asLong(-1);
            String hash = file.path("sha256").asText();
            if (bytes < 0 || !HASH.matcher(hash).matches() || !names.add(path)) {
                throw new BackupException("the manifest is damaged at " + path);
            }
            entries.add(new Entry(path, bytes, hash));
        }
        if (!names.contains(BackupPath.STORE + "/CURRENT")) {
            throw new BackupException("the manifest names no store");
        }
        return entries;
    }
}
