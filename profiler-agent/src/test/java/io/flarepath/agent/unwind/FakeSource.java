package io.flarepath.agent.unwind;

import io.flarepath.symbolizer.binary.unwind.UnwindTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tables that tests have written. */
final class FakeSource implements TableSource {
    final Map<String, TableFile> ready = new HashMap<>();
    final Map<String, Progress> progress = new HashMap<>();
    final List<String> opened = new ArrayList<>();
    final List<String> wanted = new ArrayList<>();

    void add(TableFile file) {
        ready.put(file.identity, file);
    }

    @Override
    public Progress progress(String identity) {
        Progress other = ready.containsKey(identity) ? Progress.READY : Progress.WAITING;
        return progress.getOrDefault(identity, other);
    }

    @Override
    public @Nullable UnwindTable open(String identity) {
        TableFile file = ready.get(identity);
        opened.add(identity);
        try {
            return file == null ? null : UnwindTable.open(file.path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void wanted(String identity, double rate) {
        wanted.add(identity);
    }
}
