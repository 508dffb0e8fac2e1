package io.flarepath.agent.processes.labels;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;

@Tag("fuzz")
class CgroupPlaceFuzz {
    /** Whatever the lines are: what is found has the form of an id, and nothing is thrown. */
    @FuzzTest(maxDuration = "20s")
    void anyLinesAreRead(byte[] data) {
        CgroupPlace place = CgroupPlace.parse(new String(data, StandardCharsets.UTF_8));
        String id = place.containerId();
        if (!id.isEmpty() && !id.matches("[0-9a-f]{64}")) {
            throw new AssertionError("not a container's id: " + place);
        }
        if (place.podUid().contains("/") || place.unit().contains("/")) {
            throw new AssertionError("a part of a path that holds a slash: " + place);
        }
    }
}
