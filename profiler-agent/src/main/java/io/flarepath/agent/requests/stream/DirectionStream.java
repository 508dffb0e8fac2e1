package io.flarepath.agent.requests.stream;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One direction of one connection: puts segments in order, knows what is missing, and has a parser
 * cut the rest into units. Of a unit only what the parser asks for is kept; the rest of it is
 * passed over by its length, captured or not. For one thread.
 */
public final class DirectionStream {
    /** The longest part of a message that a parser may want to see at once. */
    public static final int MOST_BUFFERED = 16 << 10;

    /** Segments that wait for an earlier one, and their bytes. */
    private static final int MOST_WAITING = 16;

    private static final int MOST_WAITING_BYTES = 64 << 10;

    private final StreamParser parser;
    private final StreamCounters counters;
    private final ByteView view = new ByteView();
    private final TimeMarks marks = new TimeMarks();
    private final TreeMap<Long, Segment> waiting = new TreeMap<>();
    private int waitingBytes;
    private byte[] buffer = new byte[0];
    private int start;
    private int end;

    /** Position of the next byte that is expected, or -1 before the first one. */
    private long position;

    /** Bytes of the current unit that are still to come. */
    private long rest;

    private boolean following;

    /** What was passed over last while the place was not known, if a message may begin with it. */
    private @Nullable Segment lead;

    /** In a message that is alone, and whose end may have gone by unseen. */
    private boolean adrift;

    private long adriftFrom;

    /** What was captured of it last. */
    private final LatestBytes latest = new LatestBytes();

    /** Such a message is over: the next byte is the first of another one. */
    private boolean atTurn;

    /** Bytes of one segment are missing, not whole ones. */
    private boolean within;

    /** When the last byte of this direction went by, and whose it was. */
    private long lastNanos;

    private int lastThread;
    private int losses;

    /**
     * A stream of which nothing has been seen yet.
     *
     * @param fromStart whether the connection was seen from its first byte on; if not, the first
     *     segment is where the stream begins to be known
     */
    public DirectionStream(StreamParser parser, StreamCounters counters, boolean fromStart) {
        this.parser = parser;
        this.counters = counters;
        position = fromStart ? 0 : -1;
        following = fromStart;
    }

    /** Takes a segment of this direction. */
    public void accept(Segment segment) {
        if (position < 0) {
            position = segment.position();
            following = position == 0;
            if (!following) {
                parser.lost();
            }
        }
        if (segment.position() > position) {
            await(segment);
        } else {
            inOrder(segment);
        }
        takeWaiting();
    }

    /**
     * Gives up what has not come: later bytes than the missing ones have had their effect, or the
     * connection is closed.
     */
    public void giveUpMissing() {
        while (!waiting.isEmpty()) {
            jumpToWaiting();
            takeWaiting();
        }
    }

    /** Gives up what is missing before segments that have waited since before then. */
    public void giveUpBefore(long nanos) {
        while (!waiting.isEmpty() && waiting.firstEntry().getValue().nanos() < nanos) {
            jumpToWaiting();
            takeWaiting();
        }
    }

    /**
     * The other side speaks: if it is only known by this where a message ended, it did. Not so if
     * something is missing: there may have been other messages.
     *
     * @param whole whether all was seen of what the other side said before
     */
    public void turn(boolean whole) {
        if (!adrift) {
            return;
        }
        if (whole && waiting.isEmpty()) {
            adrift = false;
            atTurn = true;
            latest.show(view, position, lastNanos, lastThread);
            parser.passedUnseen(position - adriftFrom, view);
            latest.clear();
        } else {
            loseUnended();
        }
    }

    /** Whether a segment is the next one: all that was before it has been seen. */
    public boolean isNext(Segment segment) {
        return segment.position() <= position && !adrift && (following || atTurn);
    }

    /** As {@link #turn}, since nothing has been heard of this direction since then. */
    public void turnIfQuietSince(long nanos) {
        if (lastNanos < nanos) {
            turn(true);
        }
    }

    /** How often the place in the stream was lost although no byte was missing. */
    public int losses() {
        return losses;
    }

    /** Bytes that it holds. */
    public int heldBytes() {
        return buffer.length + waitingBytes + latest.heldBytes() + parser.heldBytes();
    }

    private void await(Segment segment) {
        Segment before = waiting.get(segment.position());
        if (before != null && before.captured() >= segment.captured()) {
            counters.repeatedBytes += segment.length();
            return;
        }
        if (before != null) {
            waitingBytes -= before.captured();
        }
        waiting.put(segment.position(), segment.copied());
        waitingBytes += segment.captured();
        while (waiting.size() > MOST_WAITING || waitingBytes > MOST_WAITING_BYTES) {
            jumpToWaiting();
            takeWaiting();
        }
    }

    private void jumpToWaiting() {
        Map.Entry<Long, Segment> first = waiting.firstEntry();
        if (first != null && first.getKey() > position) {
            Segment segment = first.getValue();
            missing(first.getKey() - position, segment, false);
        }
    }

    private void takeWaiting() {
        Map.Entry<Long, Segment> first = waiting.firstEntry();
        while (first != null && first.getKey() <= position) {
            waiting.pollFirstEntry();
            waitingBytes -= first.getValue().captured();
            inOrder(first.getValue());
            first = waiting.firstEntry();
        }
    }

    private void inOrder(Segment whole) {
        long seen = Math.min(whole.length(), position - whole.position());
        counters.repeatedBytes += seen;
        if (seen == whole.length()) {
            return;
        }
        lastNanos = whole.nanos();
        lastThread = whole.thread();
        Segment segment = seen == 0 ? whole : whole.from((int) seen);
        if (segment.captured() > 0) {
            bytes(segment, seen == 0);
        }
        int hole = segment.length() - segment.captured();
        if (hole > 0) {
            missing(hole, segment, true);
        }
    }

    private void bytes(Segment whole, boolean atStart) {
        Segment segment = whole;
        if (!following && (adrift || !(atStart && isStart(segment)))) {
            Segment joined = lead == null || adrift || !atStart ? null : segment.after(lead);
            if (joined == null || !isStart(joined)) {
                skip(segment, atStart);
                return;
            }
            // What was counted as passed over is read now.
            position = joined.position();
            counters.unfollowedBytes -= joined.captured() - segment.captured();
            segment = joined;
        }
        lead = null;
        if (!following) {
            following = true;
            atTurn = false;
            counters.found++;
        }
        marks.add(position, segment.nanos(), segment.thread());
        int offset = segment.offset();
        int left = segment.captured();
        while (left > 0 && following) {
            int taken;
            if (rest > 0) {
                taken = (int) Math.min(rest, left);
                rest -= taken;
                position += taken;
                if (rest == 0) {
                    parser.passed(segment.nanos(), segment.thread());
                    marks.dropBefore(position);
                }
            } else {
                taken = keep(segment.bytes(), offset, left);
                position += taken;
                parse(false);
            }
            counters.followedBytes += taken;
            offset += taken;
            left -= taken;
        }
        counters.unfollowedBytes += left;
        position += left;
    }

    private void skip(Segment segment, boolean atStart) {
        boolean mayLead = lead == null && atStart && !adrift && segment.isLead();
        lead = mayLead ? segment.copied() : null;
        if (adrift) {
            latest.add(segment);
        }
        if (atTurn && !mayLead) {
            loseUnended();
        }
        counters.unfollowedBytes += segment.captured();
        position += segment.captured();
    }

    private boolean isStart(Segment segment) {
        view.of(
                segment.bytes(),
                segment.offset(),
                segment.captured(),
                segment.nanos(),
                segment.thread());
        return parser.startsMessage(view);
    }

    private int keep(byte[] bytes, int offset, int count) {
        int taken = Math.min(count, MOST_BUFFERED - (end - start));
        if (buffer.length - end < taken) {
            int held = end - start;
            byte[] target = buffer;
            if (buffer.length < held + taken) {
                int size = Integer.highestOneBit(held + taken - 1) * 2;
                target = new byte[Math.min(MOST_BUFFERED, Math.max(256, size))];
            }
            System.arraycopy(buffer, start, target, 0, held);
            buffer = target;
            start = 0;
            end = held;
        }
        System.arraycopy(bytes, offset, buffer, end, taken);
        end += taken;
        return taken;
    }

    /** Cuts what is buffered; with {@code cut} nothing of it can be waited for. */
    private void parse(boolean cut) {
        while (start < end && following) {
            long first = position - (end - start);
            view.set(buffer, start, end - start, cut, marks.nanosAt(first), marks.threadAt(first));
            long unit = parser.parse(view);
            if (unit == StreamParser.NEED_MORE && !cut && end - start < MOST_BUFFERED) {
                return;
            }
            if (unit <= 0) {
                lose(cut, position - (end - start));
                return;
            }
            long here = Math.min(unit, end - start);
            start += (int) here;
            rest = unit - here;
            if (rest == 0) {
                long last = position - (end - start) - 1;
                parser.passed(marks.nanosAt(last), marks.threadAt(last));
                marks.dropBefore(last + 1);
            }
        }
        if (start == end) {
            start = 0;
            end = 0;
            // Most connections rest most of the time.
            if (buffer.length > 1024) {
                buffer = new byte[0];
            }
        }
    }

    /**
     * So many bytes will never be seen.
     *
     * @param timed whether the segment tells when they went by; if not, nothing may end in them
     */
    private void missing(long count, Segment segment, boolean timed) {
        counters.missingBytes += count;
        within = timed;
        if (following && rest == 0) {
            parse(true);
        }
        long end = position + count;
        if (!following) {
            position = end;
            if (atTurn || !timed) {
                loseUnended();
            }
            return;
        }
        while (position < end) {
            if (rest == 0) {
                rest = parser.parseUnseen();
            }
            long left = end - position;
            if (rest == 0 || (rest <= left && !timed)) {
                long from = position + rest;
                position = end;
                lose(true, from);
                return;
            }
            long passed = Math.min(rest, left);
            position += passed;
            rest -= passed;
            if (rest == 0) {
                parser.passed(segment.nanos(), segment.thread());
            }
        }
        marks.add(position, segment.nanos(), segment.thread());
        marks.dropBefore(position);
    }

    /** What comes after a message whose end was not seen does not begin another one. */
    private void loseUnended() {
        if (atTurn || adrift) {
            atTurn = false;
            adrift = false;
            latest.clear();
            counters.lostByHole++;
            parser.lost();
        }
    }

    /**
     * The place is lost.
     *
     * @param from position of the first byte that was not read
     */
    private void lose(boolean byHole, long from) {
        if (byHole && within && parser.isAlone()) {
            adrift = true;
            adriftFrom = from;
            counters.endsMissed++;
            passOver();
            return;
        }
        if (byHole) {
            counters.lostByHole++;
        } else {
            counters.lostByContent++;
            losses++;
        }
        passOver();
        parser.lost();
    }

    private void passOver() {
        following = false;
        rest = 0;
        start = 0;
        end = 0;
        buffer = Arrays.copyOf(buffer, 0);
    }
}
