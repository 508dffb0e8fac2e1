package io.flarepath.store.profile;

/**
 * What a profile measures. Its id, {@code name:sampleType:sampleUnit:periodType:periodUnit}, is
 * Pyroscope's.
 *
 * @param name the family, for instance {@code process_cpu}
 * @param sampleType for instance {@code cpu}
 * @param sampleUnit for instance {@code nanoseconds}
 * @param periodType for instance {@code cpu}, or empty
 * @param periodUnit for instance {@code nanoseconds}, or empty
 */
public record ProfileType(
        String name, String sampleType, String sampleUnit, String periodType, String periodUnit) {

    /** CPU time of a sampling profiler. */
    public static final ProfileType CPU =
            new ProfileType("process_cpu", "cpu", "nanoseconds", "cpu", "nanoseconds");

    /** Refuses parts that would make the id ambiguous. */
    public ProfileType {
        for (String part : new String[] {name, sampleType, sampleUnit, periodType, periodUnit}) {
            if (part.indexOf(':') >= 0) {
                throw new IllegalArgumentException(
                        "a part of a profile type must not hold ':': " + part);
            }
        }
    }

    /** The five parts joined by colons; an empty period leaves {@code ::} at the end. */
    public String id() {
        return name + ":" + sampleType + ":" + sampleUnit + ":" + periodType + ":" + periodUnit;
    }

    /**
     * Reads an id; the old six-part form that ends in {@code :delta} is taken too.
     *
     * @throws IllegalArgumentException when it has another number of parts
     */
    public static ProfileType parse(String id) {
        String[] parts = id.split(":", -1);
        boolean delta = parts.length == 6 && parts[5].equals("delta");
        if ((parts.length != 5 && !delta) || parts[0].isEmpty() || parts[1].isEmpty()) {
            throw new IllegalArgumentException(
                    "a profile type is name:sampleType:sampleUnit:periodType:periodUnit, not \""
                            + id
                            + "\"");
        }
        return new ProfileType(parts[0], parts[1], parts[2], parts[3], parts[4]);
    }
}
