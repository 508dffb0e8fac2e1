package io.flarepath.store;

/** What an acknowledged profile survives. Both survive a kill of the process. */
public enum Durability {
    /** The WAL lies in the page cache and is synced every second: a power cut may cost a second. */
    OS,
    /** Every write waits for the disk; those that wait together share one flush. */
    SYNC
}
