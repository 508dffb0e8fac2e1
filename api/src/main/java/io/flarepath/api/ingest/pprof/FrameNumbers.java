package io.flarepath.api.ingest.pprof;

import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.store.profile.Profile;

/**
 * Which number a frame of the pprof has in the profile that is being built, one after the other.
 */
final class FrameNumbers {
    private final PprofFrames frames;
    private final UploadMemory memory;

    /** By frame: for which profile it is known, and its number there. */
    private final long[] known;

    private long profile;

    FrameNumbers(PprofFrames frames, UploadMemory memory) {
        memory.charge(8L * frames.size());
        this.frames = frames;
        this.memory = memory;
        this.known = new long[frames.size()];
    }

    /** From here on another profile is built. */
    void begin() {
        profile++;
    }

    /** The number of a frame, which is added when it is new. */
    int of(int frame, Profile.Builder builder) {
        if (known[frame] >>> 32 != profile) {
            memory.charge(100);
            known[frame] = profile << 32 | builder.frame(frames.at(frame));
        }
        return (int) known[frame];
    }
}
