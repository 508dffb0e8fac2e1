package io.flarepath.agent.processes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class MappingsTest {
    private static final MappedFile A = MappedFile.of("/lib/a.so", 1, 10);
    private static final MappedFile B = MappedFile.of("/lib/b.so", 1, 11);

    @Test
    void findsWhatHoldsAnAddress() {
        Mappings mappings = new Mappings();
        mappings.add(0x2000, 0x4000, 0x1000, A);

        assertThat(mappings.find(0x1fff)).isEqualTo(-1);
        assertThat(mappings.find(0x2000)).isZero();
        assertThat(mappings.find(0x4000)).isEqualTo(-1);
        assertThat(mappings.fileOffset(0, 0x2010)).isEqualTo(0x1010);
    }

    @Test
    void replacesWhatItCovers() {
        Mappings mappings = new Mappings();
        mappings.add(0x1000, 0x5000, 0, A);
        int before = mappings.generation();
        mappings.add(0x2000, 0x3000, 0x8000, B);

        assertThat(mappings.generation()).isNotEqualTo(before);
        assertThat(mappings.size()).isEqualTo(3);
        assertThat(mappings.file(mappings.find(0x2800))).isSameAs(B);
        int tail = mappings.find(0x4000);
        assertThat(mappings.file(tail)).isSameAs(A);
        assertThat(mappings.fileOffset(tail, 0x4000)).isEqualTo(0x3000);
    }

    @Test
    void keepsTheGenerationWhenNothingIsCovered() {
        Mappings mappings = new Mappings();
        mappings.add(0x1000, 0x2000, 0, A);
        int before = mappings.generation();
        mappings.add(0x3000, 0x4000, 0, B);
        mappings.add(0x1000, 0x2000, 0, MappedFile.of("/lib/a.so", 1, 10));

        assertThat(mappings.generation()).isEqualTo(before);
        assertThat(mappings.size()).isEqualTo(2);
    }

    @Test
    void addsOnlyWhatIsMissing() {
        Mappings mappings = new Mappings();
        mappings.add(0x2000, 0x3000, 0, A);
        mappings.add(0x4000, 0x5000, 0, A);
        Mappings later = new Mappings();
        later.add(0x1000, 0x6000, 0x10000, B);
        mappings.addMissing(later);

        assertThat(mappings.size()).isEqualTo(5);
        for (long address = 0x1800; address < 0x6000; address += 0x1000) {
            int index = mappings.find(address);
            boolean known = address == 0x2800 || address == 0x4800;
            assertThat(mappings.file(index)).isSameAs(known ? A : B);
            assertThat(mappings.fileOffset(index, address))
                    .isEqualTo(known ? 0x800 : address + 0xf000);
        }
    }

    @Test
    void isOfTheSameProgramIfAFileIsWhereItWas() {
        Mappings mappings = new Mappings();
        mappings.add(0x1000, 0x2000, 0, A);
        mappings.add(0x8000, 0x9000, 0, B);
        Mappings other = new Mappings();
        other.add(0x1000, 0x2000, 0, B);

        assertThat(mappings.sharesFileWith(other)).isFalse();
        // On overlayfs the kernel may tell of another device and inode.
        other.add(0x8000, 0x9000, 0, MappedFile.of("/lib/b.so", 5, 12));
        assertThat(mappings.sharesFileWith(other)).isTrue();
        assertThat(new Mappings().sharesFileWith(other)).isTrue();
    }

    @Test
    void keepsTheCodeCacheOfAJitAsOne() {
        Mappings mappings = new Mappings();
        for (int i = 0; i < 100; i++) {
            mappings.add(0x10000 + i * 0x1000L, 0x11000 + i * 0x1000L, 0, MappedFile.ANONYMOUS);
        }

        assertThat(mappings.size()).isEqualTo(1);
        assertThat(mappings.end(0)).isEqualTo(0x10000 + 100 * 0x1000L);
    }

    @Test
    void takesOnlySoMany() {
        Mappings mappings = new Mappings();
        boolean all = true;
        for (long i = 0; i < 1_000_000; i++) {
            all &= mappings.add(i * 0x2000 + 0x1000, i * 0x2000 + 0x2000, 0, A);
        }

        assertThat(all).isFalse();
        assertThat(mappings.size()).isLessThanOrEqualTo(Mappings.MAX);
    }

    @Test
    void forksWithoutTouchingTheOther() {
        Mappings parent = new Mappings();
        parent.add(0x1000, 0x2000, 0, A);
        Mappings child = parent.fork();
        child.add(0x1000, 0x2000, 0, B);
        parent.add(0x5000, 0x6000, 0, A);

        assertThat(parent.file(parent.find(0x1000))).isSameAs(A);
        assertThat(child.file(child.find(0x1000))).isSameAs(B);
        assertThat(child.find(0x5000)).isEqualTo(-1);
    }

    @Test
    void agreesWithAMapOfPages() {
        long seed = Long.getLong("flarepath.seed", 97);
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            Mappings mappings = new Mappings();
            TreeMap<Long, Long> pages = new TreeMap<>();
            for (int i = 0; i < 40; i++) {
                long start = random.nextInt(64);
                long end = start + 1 + random.nextInt(16);
                long offset = 1_000L * (i + 1);
                MappedFile file = MappedFile.of("/f" + i, 1, i + 1);
                mappings.add(start << 12, end << 12, offset << 12, file);
                for (long page = start; page < end; page++) {
                    pages.put(page, offset + page - start);
                }
            }
            for (long page = 0; page < 96; page++) {
                int index = mappings.find(page << 12);
                long found = index < 0 ? -1 : mappings.fileOffset(index, page << 12) >> 12;
                assertThat(found)
                        .as("page %d, seed %d", page, seed)
                        .isEqualTo(pages.getOrDefault(page, -1L));
            }
        }
    }
}
