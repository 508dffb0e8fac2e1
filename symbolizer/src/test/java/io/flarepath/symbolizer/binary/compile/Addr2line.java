package io.flarepath.symbolizer.binary.compile;

import io.flarepath.symbolizer.Programs;
import io.flarepath.symbolizer.binary.Demangler;
import io.flarepath.symbolizer.binary.ReadableNames;
import io.flarepath.symbolizer.binary.symbolfile.CodePlace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongFunction;

/** What {@code addr2line} says of addresses, compared with what we say. */
public final class Addr2line {
    /** A function and where it runs, as addr2line prints them. */
    private record Place(String function, String location) {}

    private Addr2line() {}

    /** Addresses as both tools read them. */
    static String lines(long[] addresses) {
        StringBuilder lines = new StringBuilder();
        for (long address : addresses) {
            lines.append("0x").append(Long.toHexString(address)).append('\n');
        }
        return lines.toString();
    }

    /** The places of each address, innermost first. */
    private static List<List<Place>> ask(
            Path directory, Path file, long[] addresses, String... command) throws IOException {
        Path list = directory.resolve("addresses");
        Files.writeString(list, lines(addresses));
        String line = String.join(" ", command) + " " + file + " < " + list;
        String[] output = Programs.run(directory, "sh", "-c", line).split("\n", -1);
        List<List<Place>> places = new ArrayList<>();
        for (int i = 0; i + 1 < output.length; ) {
            if (output[i].startsWith("0x")) {
                places.add(new ArrayList<>());
                i++;
            } else {
                // A file without a folder, as Go has it, is shown in the folder of its unit.
                String location =
                        output[i + 1]
                                .replaceAll(" \\(discriminator \\d+\\)$", "")
                                .replaceAll("^\\./", "");
                places.getLast().add(new Place(output[i], location));
                i += 2;
            }
        }
        return places;
    }

    /**
     * Compares whole chains of inlined calls: names, mangled and not, files and lines.
     *
     * @param directory for files of this
     * @param file that addr2line is asked of
     * @param lines the file whose lines readelf is asked for
     * @param ours what we say of an address, innermost first; empty if we know no name
     */
    public static NameComparison compare(
            Path directory,
            Path file,
            Path lines,
            LongFunction<List<CodePlace>> ours,
            long[] addresses)
            throws IOException {
        List<List<Place>> theirs =
                ask(directory, file, addresses, "addr2line", "-a", "-f", "-i", "-e");
        List<List<Place>> demangled =
                ask(directory, file, addresses, "addr2line", "-a", "-f", "-i", "-C", "-e");
        NavigableMap<Long, Set<String>> decoded = null;
        int equal = 0;
        int rescued = 0;
        int inlined = 0;
        List<String> differences = new ArrayList<>();
        for (int i = 0; i < addresses.length; i++) {
            List<CodePlace> own = ours.apply(addresses[i]);
            inlined += theirs.get(i).size() > 1 ? 1 : 0;
            boolean readable = readable(theirs.get(i), demangled.get(i));
            if (readable && same(own, theirs.get(i), false)) {
                equal++;
                continue;
            }
            // addr2line of binutils 2.40 names the unit's own file where DWARF 5 says file 1.
            decoded = decoded == null ? decodedLines(directory, lines) : decoded;
            if (readable
                    && same(own, theirs.get(i), true)
                    && knows(decoded, addresses[i], own.getFirst())) {
                rescued++;
            } else {
                differences.add(
                        NameComparison.difference(
                                file,
                                addresses[i],
                                readable ? theirs.get(i) : demangled.get(i),
                                own));
            }
        }
        NameComparison result =
                new NameComparison(addresses.length, equal, rescued, inlined, differences);
        System.out.printf("%s, addr2line -i: %s%n", file.getFileName(), result.summary());
        return result;
    }

    /** Whether we make of their mangled names what they make of them. */
    private static boolean readable(List<Place> mangled, List<Place> demangled) {
        for (int i = 0; i < Math.min(mangled.size(), demangled.size()); i++) {
            String symbol = mangled.get(i).function();
            String expected =
                    ReadableNames.expected(
                            symbol, ReadableNames.whole(demangled.get(i).function()));
            if (!Demangler.demangle(symbol).equals(expected)) {
                return false;
            }
        }
        return mangled.size() == demangled.size();
    }

    /** What readelf makes of the lines: file and line, by address. */
    private static NavigableMap<Long, Set<String>> decodedLines(Path directory, Path file)
            throws IOException {
        NavigableMap<Long, Set<String>> lines = new TreeMap<>();
        String listing =
                Programs.run(
                        directory,
                        "sh",
                        "-c",
                        "readelf --debug-dump=decodedline -W " + file + " 2>&1");
        for (String line : listing.split("\n", -1)) {
            String[] fields = line.trim().split("\\s+", -1);
            if (fields.length >= 3 && fields[2].startsWith("0x")) {
                long address = Long.parseUnsignedLong(fields[2].substring(2), 16);
                lines.computeIfAbsent(address, a -> new HashSet<>())
                        .add(fields[0] + ':' + fields[1]);
            }
        }
        return lines;
    }

    private static boolean knows(
            NavigableMap<Long, Set<String>> decoded, long address, CodePlace place) {
        var row = decoded.floorEntry(address);
        String name = place.file().substring(place.file().lastIndexOf('/') + 1);
        return row != null && row.getValue().contains(name + ':' + place.line());
    }

    private static boolean same(List<CodePlace> ours, List<Place> theirs, boolean anyInnerFile) {
        if (ours.isEmpty()) {
            return theirs.size() == 1 && theirs.getFirst().function().equals("??");
        }
        if (ours.size() != theirs.size()) {
            return false;
        }
        for (int i = 0; i < ours.size(); i++) {
            Place their = theirs.get(i);
            boolean inner = i == 0 && anyInnerFile;
            // Where an inlined function has no mangled name, addr2line shows the symbol there.
            boolean named =
                    sameName(ours.get(i).symbol(), their.function())
                            || (i == 0 && sameName(ours.getLast().symbol(), their.function()));
            if (!named
                    || !sameLocation(
                            NameComparison.location(ours.get(i)), their.location(), inner)) {
                return false;
            }
        }
        return true;
    }

    /** addr2line falls back on names without scope, and with their template arguments. */
    private static boolean sameName(String ours, String theirs) {
        // Go's assembler functions have a suffix as symbols, which its own table leaves out.
        if (ours.equals(theirs) || theirs.equals(ours + ".abi0")) {
            return true;
        }
        String own = lastName(Demangler.shortName(whole(ours)));
        return own.equals(lastName(whole(theirs))) || lastName(ours).equals(lastName(theirs));
    }

    /** The name of the function of which a compiler made this copy or split this off. */
    private static String whole(String name) {
        return name.replaceAll("(\\.(constprop|part|isra|cold)(\\.\\d+)?)+$", "");
    }

    private static String lastName(String name) {
        if (name.startsWith("_Z") || name.startsWith("_R") || name.startsWith("operator")) {
            return name;
        }
        int arguments = name.indexOf('<', 1);
        String bare = arguments < 0 ? name : name.substring(0, arguments);
        return bare.substring(bare.lastIndexOf(':') + 1);
    }

    private static boolean sameLocation(String ours, String theirs, boolean anyFile) {
        return ours.equals(theirs)
                || (ours.equals("??:?") && theirs.endsWith(":?"))
                || (anyFile
                        && ours.substring(ours.lastIndexOf(':'))
                                .equals(theirs.substring(theirs.lastIndexOf(':'))));
    }
}
