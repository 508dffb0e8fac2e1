package io.flarepath.agent.export;

import java.util.Locale;

/** Why something will never reach the server. */
enum DropReason {
    /** The queue on disk was full, and these were the oldest. */
    QUEUE_FULL,
    /** The disk could not be written, and these were the oldest in the small queue in memory. */
    MEMORY_FULL,
    /** One request was longer than the whole queue. */
    TOO_LONG,
    /** A record on disk was damaged. */
    DAMAGED,
    /** The server refused them for good. */
    REFUSED,
    /** They were in memory only when the agent stopped. */
    STOPPED;

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
