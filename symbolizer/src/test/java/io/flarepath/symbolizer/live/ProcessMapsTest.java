package io.flarepath.symbolizer.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class ProcessMapsTest {
    private static ProcessMaps read(String text) throws IOException {
        return ProcessMaps.read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void onlyExecutableMappingsAreKept() throws IOException {
        ProcessMaps maps =
                read(
                        """
                        00400000-00452000 r-xp 00002000 08:02 173521      /usr/bin/dbus daemon
                        00651000-00652000 r--p 00051000 08:02 173521      /usr/bin/dbus daemon
                        7f0000000000-7f0000001000 rwxp 00000000 00:00 0\s
                        7f0000002000-7f0000003000 r-xp 00000000 103:05 12 /tmp/a\\012b (deleted)
                        7fff0000d000-7fff0000f000 r-xp 00000000 00:00 0   [vdso]
                        ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0   [vsyscall]
                        not a line
                        """);
        assertThat(maps.mappings())
                .extracting(MemoryMapping::path)
                .containsExactly("/usr/bin/dbus daemon", "", "/tmp/a\nb", "[vdso]", "[vsyscall]");
        assertThat(maps.malformedLines()).isEqualTo(1);
        MemoryMapping first = maps.mappings().get(0);
        assertThat(first.device()).isEqualTo(0x802);
        assertThat(first.inode()).isEqualTo(173521);
        assertThat(first.fileOffsetOf(0x400010)).isEqualTo(0x2010);
        assertThat(maps.mappings().get(2).device()).isEqualTo(0x10305);
        assertThat(maps.find(0xffffffffff600010L)).isPresent();
        assertThat(maps.find(0x452000)).isEmpty();
        assertThat(maps.find(0x451fff)).contains(first);
    }

    @Test
    void aProcessWithMillionsOfMappingsIsReadUpToACap() throws IOException {
        byte[] line =
                "7f0000000000-7f0000001000 rw-p 00000000 00:00 0 \n"
                        .getBytes(StandardCharsets.US_ASCII);
        InputStream endless =
                new InputStream() {
                    private int at;

                    @Override
                    public int read() {
                        return line[at++ % line.length];
                    }

                    @Override
                    public int read(byte[] target, int offset, int length) {
                        for (int i = 0; i < length; i++) {
                            target[offset + i] = line[at];
                            at = (at + 1) % line.length;
                        }
                        return length;
                    }
                };
        ProcessMaps maps = ProcessMaps.read(endless);
        assertThat(maps.truncated()).isTrue();
        assertThat(maps.mappings()).isEmpty();
    }
}
