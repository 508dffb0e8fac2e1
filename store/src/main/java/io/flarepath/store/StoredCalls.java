package io.flarepath.store;

import io.flarepath.store.call.Call;
import io.flarepath.store.call.CallQuery;
import io.flarepath.store.encoding.ZstdPool;
import io.flarepath.store.engine.Engine;
import io.flarepath.store.index.SeriesIndex;
import io.flarepath.store.index.TenantIndex;
import io.flarepath.store.query.TimeRange;
import io.flarepath.store.retention.TenantAges;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The call log in a store: what comes in, goes out, and is done by itself. */
final class StoredCalls implements CallStore {
    private final Engine engine;
    private final SeriesIndex index;
    private final TenantAges tenants;
    private final StoreOptions options;
    private final StoreDirectory directory;
    private final CallSizes sizes;
    private final CallWriter writer;
    private final CallReader reader;
    private final CallFinaliser finaliser;
    private final CallRetention retention;

    StoredCalls(
            Engine engine,
            SeriesIndex index,
            Uploads uploads,
            ZstdPool zstd,
            TenantAges tenants,
            StoreOptions options,
            StoreDirectory directory,
            Damage damage) {
        this.engine = engine;
        this.index = index;
        this.tenants = tenants;
        this.options = options;
        this.directory = directory;
        this.sizes = new CallSizes(engine, zstd, damage);
        this.writer = new CallWriter(engine, uploads, zstd, sizes);
        this.reader = new CallReader(engine, zstd, sizes, damage);
        this.finaliser = new CallFinaliser(engine, zstd, sizes, options.windowGrace(), damage);
        this.retention = new CallRetention(engine, zstd, sizes, damage);
    }

    @Override
    public WriteResult write(String tenant, byte[] upload, List<Call> calls) {
        directory.checkFree(options.minimumFreeBytes());
        WriteResult result = writer.write(index.of(tenant).id(), upload, calls);
        if (options.durability() == Durability.SYNC) {
            // A duplicate, too: the write that it repeats may still be waiting for the disk.
            engine.sync();
        }
        return result;
    }

    @Override
    public List<Call> read(CallQuery query) {
        TenantIndex tenant = index.find(query.tenant());
        return tenant == null
                ? List.of()
                : reader.read(tenant.id(), tenants.firstWindow(query.tenant()), query);
    }

    @Override
    public boolean isAny(String tenant, @Nullable String service, TimeRange range) {
        TenantIndex found = index.find(tenant);
        return found != null
                && reader.isAny(found.id(), tenants.firstWindow(tenant), service, range);
    }

    /** Size of the log as it is stored, in bytes. */
    long bytes() {
        return sizes.total();
    }

    void finish(long nowNanos) {
        synchronized (finaliser) {
            finaliser.run(nowNanos);
            retention.bound(options.callBytes());
        }
    }

    void applyRetention(long nowNanos) {
        synchronized (finaliser) {
            retention.dropOlder(nowNanos, options.calls());
            for (String name : tenants.names()) {
                TenantIndex tenant = index.find(name);
                if (tenant != null) {
                    retention.dropBefore(tenant.id(), tenants.firstWindow(name));
                }
            }
        }
    }

    /** Makes room for the rest of the store; whether that was possible. */
    boolean makeRoom(long mostBytes) {
        synchronized (finaliser) {
            return retention.makeRoom(mostBytes);
        }
    }
}
