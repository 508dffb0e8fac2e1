package io.flarepath.store.chunk;

import io.flarepath.store.encoding.ByteReader;
import io.flarepath.store.encoding.ByteWriter;
import io.flarepath.store.encoding.CorruptValueException;
import java.util.Set;
import java.util.TreeSet;

/**
 * Says that a bucket of a service is whole.
 *
 * @param serviceOnly types of which the bucket has sums of the service alone: those of the series
 *     would hardly be fewer rows than the finer ones
 */
public record BucketMarker(Set<Integer> serviceOnly) {

    /** Keeps a copy. */
    public BucketMarker {
        serviceOnly = Set.copyOf(serviceOnly);
    }

    /** The value as it is stored. */
    public byte[] toBytes() {
        ByteWriter out = new ByteWriter(16);
        new TreeSet<>(serviceOnly).forEach(out::u32);
        return out.toArray();
    }

    /** Reads a stored value; throws {@link CorruptValueException}. */
    public static BucketMarker of(byte[] value) {
        ByteReader in = new ByteReader(value, 0, value.length);
        Set<Integer> types = new TreeSet<>();
        while (in.remaining() > 0) {
            types.add(in.u32());
        }
        return new BucketMarker(types);
    }
}
