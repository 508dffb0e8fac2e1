package io.flarepath.agent.requests.log;

/** Why a single call is told of; the first that holds. */
public enum KeptReason {
    /** It was not answered, or not as it should. */
    ERROR("error"),
    /** It took longer than 99 % of the calls of its route. */
    SLOW("slow"),
    /** It is one in so many of the rest. */
    SAMPLED("sampled");

    private final String label;

    KeptReason(String label) {
        this.label = label;
    }

    /** Its name in the span and in metrics. */
    public String label() {
        return label;
    }
}
