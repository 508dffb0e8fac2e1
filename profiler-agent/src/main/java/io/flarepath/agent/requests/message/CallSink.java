package io.flarepath.agent.requests.message;

/** Takes calls that have ended. */
@FunctionalInterface
public interface CallSink {
    /** Takes one. */
    void ended(Call call);
}
