package io.flarepath.api.query.connect;

import io.flarepath.api.message.MessageWriter;
import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.Tenant;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One method of a service.
 *
 * @param schema of its request
 * @param answer makes the response
 */
record ConnectMethod(RequestSchema schema, Answer answer) {

    /**
     * One call.
     *
     * @param tenant whose profiles
     * @param request the message
     * @param accept the Accept header, which may carry a parameter of ours
     */
    record Call(String tenant, ConnectRequest request, @Nullable String accept) {
        /**
         * The tenant of what belongs to one.
         *
         * @param what belongs to it, for the message
         * @throws ApiError 400 when several are asked for
         */
        String oneTenant(String what) {
            if (Tenant.split(tenant).size() > 1) {
                throw ApiError.invalid(what + " are of one tenant, not of " + tenant);
            }
            return tenant;
        }
    }

    /** Reads the request, asks the store, and returns the response. Blocks. */
    @FunctionalInterface
    interface Answer {
        MessageWriter.Part of(Call call) throws IOException;
    }
}
