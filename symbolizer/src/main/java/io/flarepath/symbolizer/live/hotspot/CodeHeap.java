package io.flarepath.symbolizer.live.hotspot;

/**
 * One code heap of the VM.
 *
 * @param start address of the first segment
 * @param end address behind the range that is reserved for it; less of it may be in use
 * @param segmentMap address of its segment map: one byte a segment, 0 at the first segment of a
 *     block, the way back (in hops) at later ones, 0xff where nothing is
 */
public record CodeHeap(long start, long end, long segmentMap) {
    /** Whether an address lies in it. */
    public boolean contains(long address) {
        return address - start >= 0 && address < end;
    }
}
