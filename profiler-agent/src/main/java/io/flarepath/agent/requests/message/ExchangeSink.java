package io.flarepath.agent.requests.message;

/** Takes exchanges that have ended. */
@FunctionalInterface
public interface ExchangeSink {
    /** Takes one. */
    void ended(Exchange exchange);
}
