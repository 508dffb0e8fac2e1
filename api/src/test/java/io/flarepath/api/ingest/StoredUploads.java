package io.flarepath.api.ingest;

import io.flarepath.store.RocksDbProfileStore;
import io.flarepath.store.StoreOptions;
import io.flarepath.store.profile.ProfileType;
import io.flarepath.store.query.FlameTree;
import io.flarepath.store.query.ProfileQuery;
import io.flarepath.store.query.Selector;
import io.flarepath.store.query.TimeRange;
import java.nio.file.Path;

/** A server on a real store in a directory of the test's. */
final class StoredUploads implements AutoCloseable {
    static final TimeRange ALL = new TimeRange(0, Long.MAX_VALUE);
    final RocksDbProfileStore store;
    final TestServer server;

    StoredUploads(Path directory) {
        store =
                RocksDbProfileStore.open(
                        directory.resolve("store"),
                        StoreOptions.defaults().withMinimumFreeBytes(0));
        server = new TestServer(store);
    }

    FlameTree tree(String service, ProfileType type) {
        Selector selector = Selector.parse("{service_name=\"" + service + "\"}");
        return store.merge(new ProfileQuery("anonymous", type, selector, ALL));
    }

    /** The same of the series that a matcher chooses besides. */
    FlameTree labelled(String service, ProfileType type, String matcher) {
        Selector selector = Selector.parse("{service_name=\"" + service + "\"," + matcher + "}");
        return store.merge(new ProfileQuery("anonymous", type, selector, ALL));
    }

    /** The total below the first node of a function. */
    static long total(FlameTree tree, String function) {
        for (int node = 1; node < tree.size(); node++) {
            if (tree.frame(node).function().equals(function)) {
                return tree.total(node);
            }
        }
        return 0;
    }

    /** The total below all nodes of a function that does not call itself. */
    static long all(FlameTree tree, String function) {
        long sum = 0;
        for (int node = 1; node < tree.size(); node++) {
            sum += tree.frame(node).function().equals(function) ? tree.total(node) : 0;
        }
        return sum;
    }

    @Override
    public void close() {
        server.close();
    }
}
