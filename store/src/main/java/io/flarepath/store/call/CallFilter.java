package io.flarepath.store.call;

import io.flarepath.store.index.LabelNames;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.query.Matcher;
import io.flarepath.store.query.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What a query asks of calls: of a block as a whole, so that most blocks are never fetched, and of
 * each call. Safe for many threads.
 */
public final class CallFilter {
    private static final int STATUS_DIGITS = 3;

    private final CallQuery query;
    private final Selector selector;
    private final int roles;
    private final List<Long> terms = new ArrayList<>();

    /** The filter of a query. */
    public CallFilter(CallQuery query) {
        this.query = query;
        this.selector =
                new Selector(query.selector().matchers().stream().map(CallFilter::stored).toList());
        int bits = 0;
        for (CallRole role : query.roles()) {
            bits |= 1 << role.code();
        }
        this.roles = bits;
        CallQuery.Words words = query.words();
        add('p', words.protocol());
        add('m', words.method());
        add('r', words.route());
        add('s', words.status());
        add('e', words.peer());
        if (query.trace() != null) {
            terms.add(TermFilter.trace(query.trace().high(), query.trace().low()));
        }
        for (Matcher matcher : selector.matchers()) {
            if (matcher.operator() == Matcher.Operator.EQUAL && !matcher.value().isEmpty()) {
                terms.add(TermFilter.label(matcher.name(), matcher.value()));
            }
        }
    }

    private static Matcher stored(Matcher matcher) {
        return new Matcher(LabelNames.stored(matcher.name()), matcher.operator(), matcher.value());
    }

    /** The one service that is asked for, or null. */
    public @Nullable String service() {
        for (Matcher matcher : selector.matchers()) {
            if (matcher.name().equals("service_name")
                    && matcher.operator() == Matcher.Operator.EQUAL) {
                return matcher.value();
            }
        }
        return null;
    }

    private void add(char kind, @Nullable String word) {
        if (word != null && !word.isEmpty()) {
            terms.add(TermFilter.word(kind, word));
        }
    }

    /** What the index holds of a call's words; those that are empty are not in it. */
    static void terms(CallWords words, LongConsumer out) {
        term('p', words.protocol(), out);
        term('m', words.method(), out);
        term('r', words.route(), out);
        term('s', words.status(), out);
        term('s', statusClass(words.status()), out);
        term('e', words.peer(), out);
    }

    private static void term(char kind, String word, LongConsumer out) {
        if (!word.isEmpty()) {
            out.accept(TermFilter.word(kind, word));
        }
    }

    /** {@code 5xx} of 503; empty of what is no status of three digits. */
    private static String statusClass(String status) {
        return status.length() == STATUS_DIGITS
                        && status.chars().allMatch(c -> c >= '0' && c <= '9')
                ? status.charAt(0) + "xx"
                : "";
    }

    /** Whether a block may hold a call that is asked for, by what its head says. */
    public boolean mayHold(CallSummary summary) {
        return summary.lastNanos() >= query.range().fromNanos()
                && summary.firstNanos() < query.range().untilNanos()
                && (summary.roles() & roles) != 0
                && (!query.failedOnly() || summary.failed() > 0)
                && summary.longestNanos() >= query.leastNanos();
    }

    /** The same, by what the index says. */
    public boolean mayHold(CallIndex index) {
        return mayHold(index.summary()) && terms.stream().allMatch(index::mayHold);
    }

    /** Whether labels of those who saw calls are what is asked for. */
    boolean selects(Labels resource) {
        return selector.matches(resource);
    }

    /** Whether a call is asked for, whoever saw it. */
    boolean matches(CallBlock block, int call) {
        CallPlace place = block.place(call);
        CallQuery.Trace trace = query.trace();
        CallQuery.Words words = query.words();
        return query.range().contains(place.startNanos())
                && place.durationNanos() >= query.leastNanos()
                && (roles & 1 << block.role(call).code()) != 0
                && (!query.failedOnly() || block.failed(call))
                && (trace == null
                        || (place.traceHigh() == trace.high() && place.traceLow() == trace.low()))
                && is(words.protocol(), block.protocol(call))
                && is(words.method(), block.method(call))
                && is(words.route(), block.route(call))
                && is(words.peer(), block.peer(call))
                && (is(words.status(), block.status(call))
                        || statusClass(block.status(call)).equals(words.status()));
    }

    private static boolean is(@Nullable String wanted, String found) {
        return wanted == null || wanted.equals(found);
    }
}
