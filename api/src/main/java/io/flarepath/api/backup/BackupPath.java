package io.flarepath.api.backup;

import java.util.regex.Pattern;

/**
 * The name of a file within a backup: {@code store/FILE} for the database, {@code
 * symbols/TENANT/FILE} for pushed symbols. Names come from others: none leads out of the folder.
 */
final class BackupPath {
    static final String STORE = "store";
    static final String SYMBOLS = "symbols";

    private static final Pattern NAME =
            Pattern.compile("(store|symbols/[A-Za-z0-9!\\-_.*'()]{1,150})/[A-Za-z0-9\\-_.]{1,200}");

    private BackupPath() {}

    /** The name, if it is one. */
    static String checked(String name) throws BackupException {
        boolean dots = name.contains("/./") || name.contains("/../");
        if (!NAME.matcher(name).matches() || dots || name.endsWith("/.") || name.endsWith("/..")) {
            throw new BackupException(
                    "\"" + name + "\" is no name of a file of a backup: it is damaged or forged");
        }
        return name;
    }
}
