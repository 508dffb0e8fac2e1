package io.flarepath.api.ingest.upload;

import io.flarepath.store.call.Call;
import java.util.List;

/**
 * An upload of calls.
 *
 * @param upload the same when it is sent again, and for no other
 * @param calls what is stored
 * @param rejected what is not, because something is wrong with it
 * @param dropped what was left out, by reason
 */
public record DecodedCalls(byte[] upload, List<Call> calls, Rejected rejected, Dropped dropped) {}
