package io.flarepath.agent.requests.tls;

import io.flarepath.bpf.TlsFunction;
import io.flarepath.symbolizer.binary.ByteSource;
import io.flarepath.symbolizer.binary.ElfFile;
import io.flarepath.symbolizer.binary.ElfFile.Section;
import io.flarepath.symbolizer.binary.ElfFile.Segment;
import io.flarepath.symbolizer.binary.Window;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Finds where in a file OpenSSL's functions begin, by its symbol tables: a library exports them,
 * and a program that was linked with all of OpenSSL has them unless it was stripped. The names are
 * looked for first, since hardly a file has them. Files are hostile: every table is bounded, and
 * only places in code count.
 */
final class TlsSymbols {
    private static final int ENTRY_BYTES = 24;
    private static final int STT_FUNC = 2;
    private static final long MOST_NAME_BYTES = 64L << 20;
    private static final long MOST_SYMBOLS = 4_000_000;
    private static final int CHUNK = 32 << 10;
    private static final String PREFIX = "SSL_";

    /** Longer than the longest name and its end. */
    private static final int LONGEST = 32;

    private final ElfFile file;
    private final Map<Long, TlsFunction> places = new LinkedHashMap<>();

    private TlsSymbols(ElfFile file) {
        this.file = file;
    }

    /**
     * Where each begins in the file; empty if it does not hold what reads and what writes.
     *
     * @throws IOException if it cannot be read, or is no ELF file that we read
     */
    static Map<Long, TlsFunction> of(ByteSource source) throws IOException {
        TlsSymbols symbols = new TlsSymbols(ElfFile.read(source));
        for (Section section : symbols.file.sections()) {
            if (section.type() == ElfFile.SHT_DYNSYM || section.type() == ElfFile.SHT_SYMTAB) {
                symbols.read(section);
            }
        }
        Collection<TlsFunction> found = symbols.places.values();
        boolean reads = found.contains(TlsFunction.READ) || found.contains(TlsFunction.READ_EX);
        boolean writes = found.contains(TlsFunction.WRITE) || found.contains(TlsFunction.WRITE_EX);
        return reads && writes ? symbols.places : Map.of();
    }

    private void read(Section table) throws IOException {
        Window window = file.window();
        if (table.link() <= 0 || table.link() >= file.sections().size()) {
            return;
        }
        Section strings = file.sections().get(table.link());
        long count = table.bytes() / ENTRY_BYTES;
        if (strings.type() == ElfFile.SHT_NOBITS
                || table.type() == ElfFile.SHT_NOBITS
                || strings.bytes() > MOST_NAME_BYTES
                || count > MOST_SYMBOLS
                || !window.contains(table.offset(), table.bytes())
                || !window.contains(strings.offset(), strings.bytes())) {
            return;
        }
        Map<Long, TlsFunction> names = names(strings);
        for (long i = 1; i < count && !names.isEmpty(); i++) {
            long at = table.offset() + i * ENTRY_BYTES;
            TlsFunction function = names.get(window.u32(at));
            if (function != null && (window.u8(at + 4) & 15) == STT_FUNC) {
                place(window.u16(at + 6), window.i64(at + 8))
                        .ifPresent(offset -> places.put(offset, function));
            }
        }
    }

    /** The file offset of a function that is defined here; empty if it lies in no code. */
    private OptionalLong place(int section, long address) {
        OptionalLong offset = file.fileOffset(address);
        boolean inCode =
                section != 0
                        && file.codeEnd(address) != 0
                        && file.segments().stream()
                                .filter(Segment::executable)
                                .anyMatch(segment -> holds(segment, address));
        boolean inFile = offset.orElse(-1) >= 0 && offset.orElse(-1) < file.window().size();
        return inCode && inFile ? offset : OptionalLong.empty();
    }

    private static boolean holds(Segment segment, long address) {
        return segment.type() == ElfFile.PT_LOAD
                && address >= segment.address()
                && address - segment.address() < segment.fileBytes();
    }

    /** Which functions the strings name, by where the name begins. */
    private Map<Long, TlsFunction> names(Section strings) throws IOException {
        Map<Long, TlsFunction> names = new HashMap<>();
        long done = 0;
        while (done < strings.bytes()) {
            int length = (int) Math.min(CHUNK + LONGEST, strings.bytes() - done);
            byte[] bytes = file.window().bytes(strings.offset() + done, length);
            String text = new String(bytes, StandardCharsets.ISO_8859_1);
            int at = text.indexOf(PREFIX);
            while (at >= 0) {
                int end = text.indexOf('\0', at);
                Optional<TlsFunction> function =
                        end < 0 ? Optional.empty() : TlsFunction.of(text.substring(at, end));
                long position = done + at;
                function.ifPresent(named -> names.put(position, named));
                at = text.indexOf(PREFIX, at + 1);
            }
            done += CHUNK;
        }
        return names;
    }
}
