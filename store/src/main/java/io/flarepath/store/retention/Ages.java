package io.flarepath.store.retention;

import io.flarepath.store.chunk.Level;
import java.time.Duration;

/**
 * From what age on things are dropped, counted from the start of profiles.
 *
 * @param detail profiles one by one
 * @param tenMinutes sums of 10 minutes; at least as long as detail
 * @param twoHours sums of 2 hours; at least as long as those of 10 minutes
 * @param day sums of a day; at least as long as those of 2 hours
 */
public record Ages(Duration detail, Duration tenMinutes, Duration twoHours, Duration day) {

    /** Refuses ages at which coarse sums go before fine ones. */
    public Ages {
        if (detail.isNegative() || detail.isZero()) {
            throw new IllegalArgumentException("retention must be positive, not " + detail);
        }
        if (tenMinutes.compareTo(detail) < 0
                || twoHours.compareTo(tenMinutes) < 0
                || day.compareTo(twoHours) < 0) {
            throw new IllegalArgumentException(
                    "coarse sums must be kept at least as long as fine ones: profiles "
                            + detail
                            + ", 10 minutes "
                            + tenMinutes
                            + ", 2 hours "
                            + twoHours
                            + ", days "
                            + day);
        }
    }

    /** Everything goes at one age. */
    public static Ages all(Duration age) {
        return new Ages(age, age, age, age);
    }

    /** The age of sums. */
    public Duration of(Level level) {
        return switch (level) {
            case TEN_MINUTES -> tenMinutes;
            case TWO_HOURS -> twoHours;
            case DAY -> day;
        };
    }
}
