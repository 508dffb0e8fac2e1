package io.flarepath.api.ingest.otlp;

import io.flarepath.api.server.ApiError;
import io.flarepath.store.profile.ProfileType;
import io.flarepath.symbolizer.jfr.SampleKind;
import io.opentelemetry.proto.profiles.v1development.Profile;
import io.opentelemetry.proto.profiles.v1development.ValueType;
import java.util.List;

/**
 * What an OTLP profile measures, under Pyroscope's ids (pkg/ingester/otlp).
 *
 * @param type the type under which it is stored
 * @param factor what each value is multiplied by
 * @param period value of one sample, 0 when it is not known
 */
record OtlpType(ProfileType type, long factor, long period) {

    /**
     * The type of a profile.
     *
     * @throws ApiError 400 for names that a type cannot have
     */
    static OtlpType of(Profile profile, OtlpDictionary dictionary) {
        ValueType sample = profile.getSampleType();
        ValueType period = profile.getPeriodType();
        String type = dictionary.string(sample.getTypeStrindex());
        String unit = dictionary.string(sample.getUnitStrindex());
        String periodType = dictionary.string(period.getTypeStrindex());
        String periodUnit = dictionary.string(period.getUnitStrindex());
        boolean counted = type.equals("samples") && unit.equals("count");
        if (counted && periodType.equals("cpu") && periodUnit.equals("nanoseconds")) {
            if (profile.getPeriod() <= 0) {
                throw ApiError.invalid(
                        "a profile of CPU samples must have a period above 0, and has "
                                + profile.getPeriod());
            }
            return new OtlpType(ProfileType.CPU, profile.getPeriod(), profile.getPeriod());
        }
        if (type.equals("off_cpu") && periodType.isEmpty()) {
            return new OtlpType(checked("off_cpu", type, unit, "", ""), 1, 0);
        }
        String family = family(type, unit, periodType, periodUnit);
        boolean same = type.equals(periodType) && unit.equals(periodUnit);
        return new OtlpType(
                checked(family, type, unit, periodType, periodUnit),
                1,
                same ? Math.max(0, profile.getPeriod()) : counted ? 1 : 0);
    }

    /**
     * Types that recordings have too keep the ids which they have there; {@code samples} says
     * nothing, and may be of anything.
     */
    private static String family(String type, String unit, String periodType, String periodUnit) {
        for (SampleKind kind : SampleKind.values()) {
            boolean counts =
                    type.equals(kind.countType())
                            && unit.equals("count")
                            && !type.equals("samples");
            boolean amounts = type.equals(kind.amountType()) && unit.equals(kind.amountUnit());
            if ((counts || amounts)
                    && periodType.equals(kind.periodType())
                    && periodUnit.equals(kind.periodUnit())) {
                return kind.family();
            }
        }
        return periodType.isEmpty() ? "process_cpu" : periodType;
    }

    private static ProfileType checked(
            String family, String type, String unit, String periodType, String periodUnit) {
        if (type.isEmpty()) {
            throw ApiError.invalid("a profile has no sample type");
        }
        for (String part : List.of(family, type, unit, periodType, periodUnit)) {
            if (part.indexOf(':') >= 0
                    || part.length() > 200
                    || part.chars().anyMatch(Character::isISOControl)) {
                throw ApiError.invalid(
                        "types and units must have at most 200 characters, none of them \":\" or a"
                                + " control character");
            }
        }
        return new ProfileType(family, type, unit, periodType, periodUnit);
    }
}
