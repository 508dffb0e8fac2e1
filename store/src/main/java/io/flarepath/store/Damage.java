package io.flarepath.store;

import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts stored values that cannot be read, and reports the first and then every thousandth. */
final class Damage {
    private static final Logger log = LoggerFactory.getLogger(Damage.class);
    private static final int REPORT_EVERY = 1000;

    private final AtomicLong values = new AtomicLong();

    void found(String what) {
        long count = values.incrementAndGet();
        if (count <= 10 || count % REPORT_EVERY == 0) {
            log.warn("A stored value cannot be read and is left out (number {}): {}", count, what);
        }
    }

    long count() {
        return values.get();
    }
}
