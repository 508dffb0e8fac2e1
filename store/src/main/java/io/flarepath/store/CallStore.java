package io.flarepath.store;

import io.flarepath.store.call.Call;
import io.flarepath.store.call.CallQuery;
import io.flarepath.store.query.TimeRange;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The call log, beside the profiles and as safe. Safe for many threads. */
public interface CallStore {

    /**
     * Stores all calls of an upload or none.
     *
     * @param upload 16 bytes or more that are the same when it is sent again, and for no other
     * @return how many calls were stored, and how many had been before
     * @throws StoreException when they could not be stored
     */
    WriteResult write(String tenant, byte[] upload, List<Call> calls);

    /** The first calls that a query asks for, in its order. */
    List<Call> read(CallQuery query);

    /**
     * Whether a service has calls of a time; it is told by windows of ten minutes.
     *
     * @param service name of the service, or null for any
     */
    boolean isAny(String tenant, @Nullable String service, TimeRange range);
}
