package io.flarepath.agent.budget;

/**
 * Which level follows from what was taken. One step down when it was too much twice in a row; one
 * step up when it was little for a while. Whoever comes down again soon after a step up waits twice
 * as long the next time, so that a steady load does not lead up and down all the time. For one
 * thread.
 */
final class LevelRule {
    /** Little is less than this share of the budget, so that there is room for more. */
    private static final double LITTLE = 0.5;

    /** Of the messages more than this share had no room in the ring. */
    private static final double MOST_LOST = 0.01;

    private static final int TOO_MUCH_TIMES = 2;
    private static final int FIRST_WAIT = 10;
    private static final int LONGEST_WAIT = 320;

    /** A step down so soon after one up says that the step up was wrong. */
    private static final int SOON = 30;

    private final double budget;
    private CaptureLevel level = CaptureLevel.FULL;
    private int tooMuch;
    private int little;
    private int wait = FIRST_WAIT;
    private int sinceUp = SOON;

    /**
     * @param budget share of all CPUs that may be taken
     */
    LevelRule(double budget) {
        this.budget = budget;
    }

    /**
     * Takes what was measured in one more second.
     *
     * @param share of all CPUs that was taken
     * @param lost share of the messages that had no room
     */
    CaptureLevel next(double share, double lost) {
        sinceUp = Math.min(sinceUp + 1, SOON);
        boolean much = share > budget || lost > MOST_LOST;
        tooMuch = much ? tooMuch + 1 : 0;
        little = share < budget * LITTLE && !much ? little + 1 : 0;
        if (tooMuch >= TOO_MUCH_TIMES) {
            tooMuch = 0;
            if (sinceUp < SOON) {
                wait = Math.min(wait * 2, LONGEST_WAIT);
                sinceUp = SOON;
            }
            level = level.less();
        } else if (little >= wait && level != CaptureLevel.FULL) {
            little = 0;
            sinceUp = 0;
            level = level.more();
        } else if (little >= LONGEST_WAIT) {
            wait = FIRST_WAIT;
        }
        return level;
    }

    CaptureLevel level() {
        return level;
    }
}
