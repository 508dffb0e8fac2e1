package io.flarepath.symbolizer.binary.compile;

import io.flarepath.symbolizer.Programs;
import io.flarepath.symbolizer.binary.Demangler;
import io.flarepath.symbolizer.binary.symbolfile.CodePlace;
import io.flarepath.symbolizer.binary.symbolfile.SymbolFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What {@code addr2line} says of addresses, compared with what a symbol file says. */
final class Addr2line {
    /** A function and where it runs, as addr2line prints them. */
    record Place(String function, String location) {}

    /** How many addresses were compared, were the same, and had inlined calls. */
    record Comparison(int addresses, int equal, int inlined) {
        double share() {
            return (double) equal / addresses;
        }
    }

    private Addr2line() {}

    /** The places of each address, innermost first. */
    static List<List<Place>> ask(Path directory, Path file, long[] addresses, String... command)
            throws IOException {
        StringBuilder input = new StringBuilder();
        for (long address : addresses) {
            input.append("0x").append(Long.toHexString(address)).append('\n');
        }
        Path list = directory.resolve("addresses");
        Files.writeString(list, input);
        String line = String.join(" ", command) + " " + file + " < " + list;
        String[] output = Programs.run(directory, "sh", "-c", line).split("\n", -1);
        List<List<Place>> places = new ArrayList<>();
        for (int i = 0; i + 1 < output.length; ) {
            if (output[i].startsWith("0x")) {
                places.add(new ArrayList<>());
                i++;
            } else {
                String location = output[i + 1].replaceAll(" \\(discriminator \\d+\\)$", "");
                places.getLast().add(new Place(output[i], location));
                i += 2;
            }
        }
        return places;
    }

    /** Compares whole chains of inlined calls, names, files and lines. */
    static Comparison compare(Path directory, Path file, SymbolFile symbols, long[] addresses)
            throws IOException {
        List<List<Place>> theirs =
                ask(directory, file, addresses, "addr2line", "-a", "-f", "-i", "-e");
        int equal = 0;
        int inlined = 0;
        int shown = 0;
        for (int i = 0; i < addresses.length; i++) {
            List<CodePlace> ours = symbols.find(addresses[i]);
            inlined += ours.size() > 1 ? 1 : 0;
            if (same(ours, theirs.get(i))) {
                equal++;
            } else if (shown++ < 4) {
                System.out.println(
                        file.getFileName()
                                + " 0x"
                                + Long.toHexString(addresses[i])
                                + "\n  theirs "
                                + theirs.get(i)
                                + "\n  ours   "
                                + ours.stream().map(p -> p.symbol() + " " + location(p)).toList());
            }
        }
        System.out.printf(
                "%s: %d of %d addresses as addr2line -i has them, %d with inlined calls%n",
                file.getFileName(), equal, addresses.length, inlined);
        return new Comparison(addresses.length, equal, inlined);
    }

    static String location(CodePlace place) {
        return (place.file().isEmpty() ? "??" : place.file())
                + ':'
                + (place.line() == 0 ? "?" : Integer.toString(place.line()));
    }

    private static boolean same(List<CodePlace> ours, List<Place> theirs) {
        if (ours.isEmpty()) {
            return theirs.size() == 1 && theirs.getFirst().function().equals("??");
        }
        if (ours.size() != theirs.size()) {
            return false;
        }
        for (int i = 0; i < ours.size(); i++) {
            Place their = theirs.get(i);
            if (!sameName(ours.get(i).symbol(), their.function())
                    || !sameLocation(location(ours.get(i)), their.location())) {
                return false;
            }
        }
        return true;
    }

    private static boolean sameName(String ours, String theirs) {
        return ours.equals(theirs) || Demangler.demangle(ours).equals(theirs);
    }

    private static boolean sameLocation(String ours, String theirs) {
        return ours.equals(theirs) || (ours.equals("??:?") && theirs.endsWith(":?"));
    }
}
