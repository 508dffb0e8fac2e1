package io.flarepath.agent.requests.match;

/** What became of requests and answers. Of one thread. */
public final class MatchCounters {
    /** Requests whose answer was found. */
    public long answered;

    /** Requests that need no answer. */
    public long oneWay;

    /** Requests that were seen while it was not known which answer would be theirs. */
    public long unpairedRequests;

    /** Answers to requests that were not seen. */
    public long unpairedResponses;

    /** Pairs that later bytes made doubtful, so that they were thrown away. */
    public long doubtful;

    /** Requests given up since the connection had too many open. */
    public long tooMany;

    /** Requests that were not answered in time, or before the connection closed. */
    public long unanswered;
}
