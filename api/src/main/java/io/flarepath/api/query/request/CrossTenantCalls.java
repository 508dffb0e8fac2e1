package io.flarepath.api.query.request;

import io.flarepath.api.server.Tenant;
import io.flarepath.store.CallStore;
import io.flarepath.store.WriteResult;
import io.flarepath.store.call.Call;
import io.flarepath.store.call.CallQuery;
import io.flarepath.store.query.TimeRange;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Calls of several tenants as if they were of one. */
record CrossTenantCalls(CallStore store) implements CallStore {

    @Override
    public WriteResult write(String tenant, byte[] upload, List<Call> calls) {
        return store.write(tenant, upload, calls);
    }

    @Override
    public List<Call> read(CallQuery query) {
        List<String> tenants = Tenant.split(query.tenant());
        if (tenants.size() == 1) {
            return store.read(query);
        }
        return tenants.stream()
                .flatMap(tenant -> store.read(query.of(tenant)).stream())
                .sorted(Comparator.comparing(Call::place, query.order().places()))
                .limit(query.limit())
                .toList();
    }

    @Override
    public boolean isAny(String tenant, @Nullable String service, TimeRange range) {
        return Tenant.split(tenant).stream().anyMatch(one -> store.isAny(one, service, range));
    }
}
