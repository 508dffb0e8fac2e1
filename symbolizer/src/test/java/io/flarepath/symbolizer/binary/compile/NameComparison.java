package io.flarepath.symbolizer.binary.compile;

import io.flarepath.symbolizer.binary.symbolfile.CodePlace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What came of comparing our names of addresses with those of another tool.
 *
 * @param addresses that were compared
 * @param equal those with the same functions, files and lines
 * @param rescued those at which the tool alone has another file, and a second tool has ours
 * @param inlined those at which calls were inlined
 * @param differences the others, as text
 */
public record NameComparison(
        int addresses, int equal, int rescued, int inlined, List<String> differences) {
    public static final NameComparison NONE = new NameComparison(0, 0, 0, 0, List.of());

    /** Both together. */
    public NameComparison plus(NameComparison other) {
        List<String> all = new ArrayList<>(differences);
        all.addAll(other.differences);
        return new NameComparison(
                addresses + other.addresses,
                equal + other.equal,
                rescued + other.rescued,
                inlined + other.inlined,
                all);
    }

    /** The share of addresses that agree, 0 to 1. */
    public double share() {
        return (double) (equal + rescued) / addresses;
    }

    /** The share of addresses at which calls were inlined, 0 to 1. */
    public double inlinedShare() {
        return (double) inlined / addresses;
    }

    /** The counts, in one line. */
    public String summary() {
        return equal
                + " of "
                + addresses
                + " addresses agree, "
                + rescued
                + " more with the file of readelf, "
                + inlined
                + " with inlined calls";
    }

    /** The counts and all differences. */
    @Override
    public String toString() {
        return summary() + '\n' + String.join("\n", differences);
    }

    /** One difference as text. */
    static String difference(Path file, long address, Object theirs, List<CodePlace> ours) {
        return file.getFileName()
                + " 0x"
                + Long.toHexString(address)
                + "\n  theirs "
                + theirs
                + "\n  ours   "
                + ours.stream().map(p -> p.symbol() + ' ' + location(p)).toList();
    }

    /** File and line as addr2line writes them, without a leading {@code ./}. */
    static String location(CodePlace place) {
        return (place.file().isEmpty() ? "??" : place.file().replaceFirst("^\\./", ""))
                + ':'
                + (place.line() == 0 ? "?" : Integer.toString(place.line()));
    }
}
