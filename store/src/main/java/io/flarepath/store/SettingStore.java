package io.flarepath.store;

import java.util.List;

/**
 * Named texts that the pages of others keep here, by tenant. Safe for many threads; calls may block
 * on disk. What is kept stays until it is removed.
 */
public interface SettingStore {
    /** Settings that a tenant may have. */
    int MOST = 200;

    /** Longest name, in UTF-8 bytes. */
    int NAME_BYTES = 256;

    /** Longest value, in UTF-8 bytes. */
    int VALUE_BYTES = 64 << 10;

    /**
     * One text.
     *
     * @param modifiedMillis when it was put, in Unix milliseconds
     */
    record Setting(String name, String value, long modifiedMillis) {}

    /** All of a tenant, in order of their names. */
    List<Setting> list(String tenant);

    /**
     * Keeps a text, in place of one of that name. When it returns it survives a kill of this
     * process.
     *
     * @return false when the tenant has {@link #MOST} already and none of that name
     * @throws IllegalArgumentException for an empty name, and for what is too long
     */
    boolean put(String tenant, Setting setting);

    /** Removes one; whether there was one. */
    boolean remove(String tenant, String name);
}
