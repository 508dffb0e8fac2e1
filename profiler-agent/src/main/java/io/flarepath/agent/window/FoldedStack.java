package io.flarepath.agent.window;

import io.flarepath.symbolizer.Frame;
import java.util.List;

/**
 * Equal stacks of one thread.
 *
 * @param frames leaf first: kernel frames, user frames, and at the end an error frame where the
 *     stack was cut
 * @param pid process id in the agent's namespace
 * @param tid thread id in the agent's namespace
 * @param threadName the thread's name at the last of these samples
 * @param timesUnixNanos when each sample was taken, nanoseconds since 1970; one entry a sample
 */
public record FoldedStack(
        List<Frame> frames, int pid, int tid, String threadName, long[] timesUnixNanos) {}
