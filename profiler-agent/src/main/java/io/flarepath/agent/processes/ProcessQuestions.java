package io.flarepath.agent.processes;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets other threads ask who a process is. The thread that follows the processes answers, once it
 * has heard all that happened before the question: so a process that is gone has the name by which
 * its exec was told. Safe for several threads.
 */
public final class ProcessQuestions {
    private static final int MOST = 4096;

    /** Records of the kernel may come this late, to be put in order. */
    private static final long LATE_NANOS = 20_000_000;

    private final LongSupplier clock;
    private final Deque<Question> open = new ArrayDeque<>();
    private long lastDrainNanos = Long.MIN_VALUE;
    private long refused;

    private record Question(int pid, long askedNanos, CompletableFuture<ProcessOwner> answer) {}

    /** Nothing was asked yet. */
    public ProcessQuestions() {
        this(System::nanoTime);
    }

    ProcessQuestions(LongSupplier clock) {
        this.clock = clock;
    }

    /**
     * Asks who a process is.
     *
     * @return completed some tenths of a second later; cancelled if too many questions are open
     */
    public synchronized CompletableFuture<ProcessOwner> ask(int pid) {
        CompletableFuture<ProcessOwner> answer = new CompletableFuture<>();
        if (open.size() >= MOST) {
            refused++;
            answer.cancel(false);
        } else {
            open.add(new Question(pid, clock.getAsLong(), answer));
        }
        return answer;
    }

    /** Questions for which there was no room, since the start. */
    public synchronized long refused() {
        return refused;
    }

    /**
     * Answers what was asked before the records of the drain before this one; to be called before
     * each drain, by the thread that has the processes to itself.
     */
    public void answer(Processes processes) {
        long now = clock.getAsLong();
        long heard = lastDrainNanos;
        lastDrainNanos = now;
        if (heard == Long.MIN_VALUE) {
            return;
        }
        Question question = next(heard - LATE_NANOS);
        while (question != null) {
            question.answer.complete(processes.owner(question.pid, now));
            question = next(heard - LATE_NANOS);
        }
    }

    private synchronized @Nullable Question next(long askedBefore) {
        Question first = open.peek();
        return first != null && first.askedNanos <= askedBefore ? open.poll() : null;
    }
}
