package io.flarepath.symbolizer.binary.compile;

import io.flarepath.symbolizer.binary.SectionBytes;
import io.flarepath.symbolizer.binary.debugfile.DebugFiles;
import io.flarepath.symbolizer.binary.dwarf.SplitSource;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Split files where the compiler left them, or in a package beside the executable. */
final class SplitFiles implements SplitSource, AutoCloseable {
    private final DebugFiles files;
    private final String debugPath;
    private final Path scratch;
    private final long inflatedBytes;
    private DebugFiles.@Nullable Found packed;
    private DebugFiles.@Nullable Found last;

    /**
     * @param debugPath of the separate debug file, or empty
     */
    SplitFiles(DebugFiles files, String debugPath, Path scratch, long inflatedBytes) {
        this.files = files;
        this.debugPath = debugPath;
        this.scratch = scratch;
        this.inflatedBytes = inflatedBytes;
    }

    @Override
    public @Nullable SectionBytes packageFile() {
        for (String base : new String[] {files.path(), debugPath}) {
            DebugFiles.Found found = base.isEmpty() ? null : files.any(base + ".dwp");
            if (found != null) {
                packed = found;
                return new SectionBytes(found.elf(), scratch, inflatedBytes);
            }
        }
        return null;
    }

    @Override
    public @Nullable SectionBytes file(String name, String compDir) throws IOException {
        closeLast();
        String path = name.startsWith("/") ? name : compDir + '/' + name;
        DebugFiles.Found found = path.startsWith("/") ? files.any(path) : null;
        if (found == null) {
            // Moved away from where it was compiled: beside the executable.
            String folder = files.path().substring(0, files.path().lastIndexOf('/') + 1);
            found = files.any(folder + name.substring(name.lastIndexOf('/') + 1));
        }
        if (found == null) {
            return null;
        }
        last = found;
        return new SectionBytes(found.elf(), scratch, inflatedBytes);
    }

    private void closeLast() throws IOException {
        if (last != null) {
            last.close();
            last = null;
        }
    }

    @Override
    public void close() throws IOException {
        closeLast();
        if (packed != null) {
            packed.close();
        }
    }
}
