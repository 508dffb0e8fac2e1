package io.flarepath.api.symbols;

import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.FrameKind;
import io.flarepath.store.query.LateNames;
import io.flarepath.symbolizer.binary.SymbolNames;
import io.flarepath.symbolizer.binary.symbolfile.CodePlace;
import io.flarepath.symbolizer.binary.symbolfile.SymbolFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Names of frames by the symbol files that were pushed. A symbol file is opened when the first
 * frame of its build is asked for; where nothing was pushed, a frame costs one look into a map. A
 * tenant's files name that tenant's frames only. Safe for many threads.
 */
public final class PushedNames implements LateNames {
    private static final Logger LOG = LoggerFactory.getLogger(PushedNames.class);

    /** Places that were named lately, of all builds: about 400 bytes each. */
    private static final int REMEMBERED = 32_768;

    private static final long TOUCH_NANOS = Duration.ofMinutes(10).toNanos();

    private final SymbolFolder folder;

    /** By build-id, and by file hash as well. */
    private final Map<Key, Known> builds = new ConcurrentHashMap<>();

    private final Map<Place, List<Frame>> remembered =
            new LinkedHashMap<>(1024, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<Place, List<Frame>> eldest) {
                    return size() > REMEMBERED;
                }
            };

    private record Key(String tenant, String id) {}

    /** An address in a symbol file; a better file of the same build is another one. */
    private record Place(Known known, long address) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Place place && place.known == known && place.address == address;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(known) * 31 + Long.hashCode(address);
        }
    }

    /** One build, its file opened at first use. */
    private static final class Known {
        private final String tenant;
        private final Build build;
        private final Path path;
        private @Nullable SymbolFile file;
        private boolean damaged;
        private long touched;
        private boolean used;

        Known(String tenant, Build build, Path path) {
            this.tenant = tenant;
            this.build = build;
            this.path = path;
        }
    }

    private PushedNames(SymbolFolder folder) {
        this.folder = folder;
    }

    /** The names of all files that are in a folder. */
    static PushedNames in(SymbolFolder folder) throws IOException {
        PushedNames names = new PushedNames(folder);
        folder.all().forEach(kept -> names.add(kept.tenant(), kept.build()));
        return names;
    }

    /** A build whose symbol file is in the folder now, in place of an older one. */
    void add(String tenant, Build build) {
        Known known = new Known(tenant, build, folder.symbols(tenant, build.buildId()));
        Known before = builds.put(new Key(tenant, build.buildId()), known);
        if (before != null && !before.build.fileHash().equals(build.fileHash())) {
            builds.remove(new Key(tenant, before.build.fileHash()), before);
        }
        builds.put(new Key(tenant, build.fileHash()), known);
    }

    /** A build whose symbol file is gone. */
    void remove(String tenant, Build build) {
        builds.remove(new Key(tenant, build.buildId()));
        builds.remove(new Key(tenant, build.fileHash()));
    }

    /** What was pushed of a build, or null. */
    @Nullable Build find(String tenant, String buildId) {
        Known known = builds.get(new Key(tenant, buildId));
        return known == null ? null : known.build;
    }

    @Override
    public List<Frame> of(String tenant, Frame frame) {
        if (builds.isEmpty()) {
            return List.of();
        }
        Known known = builds.get(new Key(tenant, Build.normal(frame.buildId())));
        if (known == null) {
            return List.of();
        }
        OptionalLong address =
                frame.fileOffset()
                        ? known.build.address(frame.address())
                        : OptionalLong.of(frame.address());
        if (address.isEmpty()) {
            return List.of();
        }
        List<Frame> named = named(known, address.getAsLong());
        List<Frame> frames = new ArrayList<>(named.size());
        for (Frame each : named) {
            frames.add(inPlaceOf(frame, each));
        }
        return frames;
    }

    private static Frame inPlaceOf(Frame frame, Frame named) {
        return new Frame(
                named.function(),
                named.file(),
                named.line(),
                frame.mapping(),
                frame.buildId(),
                0,
                named.kind(),
                named.inlined(),
                frame.lowConfidence(),
                false);
    }

    private List<Frame> named(Known known, long address) {
        Place place = new Place(known, address);
        synchronized (remembered) {
            List<Frame> before = remembered.get(place);
            if (before != null) {
                return before;
            }
        }
        SymbolFile file = open(known);
        if (file == null) {
            return List.of();
        }
        List<Frame> frames = new ArrayList<>();
        for (CodePlace each : file.find(address)) {
            frames.add(frame(each));
        }
        synchronized (remembered) {
            remembered.put(place, frames);
        }
        return frames;
    }

    /** The frame as the agent would have sent it, had it had the file. */
    private static Frame frame(CodePlace place) {
        String symbol = place.symbol();
        boolean go = place.kind() == io.flarepath.symbolizer.FrameKind.GO;
        String kind =
                SymbolNames.isRust(symbol)
                        ? io.flarepath.symbolizer.FrameKind.RUST.otelName()
                        : place.kind().otelName();
        return new Frame(
                go ? symbol : SymbolNames.shown(symbol),
                place.file(),
                place.line(),
                "",
                "",
                0,
                FrameKind.ofOtelName(kind),
                place.inlined());
    }

    private @Nullable SymbolFile open(Known known) {
        synchronized (known) {
            if (known.file == null && !known.damaged) {
                try {
                    known.file = SymbolFile.open(known.path);
                } catch (IOException e) {
                    // Damaged, or of a version before: only another push can mend it.
                    known.damaged = true;
                    LOG.warn(
                            "the symbol file of build {} cannot be used ({}): push its debug file"
                                    + " again",
                            known.build.buildId(),
                            e.getMessage());
                }
            }
            long now = System.nanoTime();
            if (known.file != null && (!known.used || now - known.touched > TOUCH_NANOS)) {
                known.used = true;
                known.touched = now;
                touch(known);
            }
            return known.file;
        }
    }

    private void touch(Known known) {
        try {
            folder.touch(known.tenant, known.build.buildId());
        } catch (IOException e) {
            LOG.warn("when a symbol file was used could not be kept: {}", e.getMessage());
        }
    }
}
