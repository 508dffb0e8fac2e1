package io.flarepath.store.retention;

import io.flarepath.store.index.TenantIndex;

/** Forgets the windows of a service before one, so that nobody can come to refer to them. */
@FunctionalInterface
public interface Forgetting {

    /** Forgets under the lock of the service's writer. */
    void forget(TenantIndex tenant, int service, int window);
}
