package io.flarepath.store.engine;

import java.nio.file.Path;

class RocksDbEngineTest extends EngineContract {
    @Override
    Engine open(Path at) {
        return RocksDbEngine.open(at.resolve("db"), at.resolve("native"), 16 << 20, 8 << 20, false);
    }
}
