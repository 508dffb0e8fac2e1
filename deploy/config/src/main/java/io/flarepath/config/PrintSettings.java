package io.flarepath.config;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Prints the values of the settings that are named, a line each, as the processes would read them
 * from the same arguments: for the launcher, which must know where the data lies. {@code
 * PrintSettings data listen --set data=/x}.
 */
public final class PrintSettings {
    private PrintSettings() {}

    /** Exit code 1 and all errors on standard error when the configuration is wrong. */
    public static void main(String[] words) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        try {
            Arguments arguments = Arguments.parse(List.of(words));
            Configuration configuration = arguments.load(System.getenv());
            for (String key : arguments.operands()) {
                Setting setting = Setting.byKey().get(key);
                if (setting == null) {
                    throw new IllegalArgumentException("there is no setting \"" + key + "\"");
                }
                out.println(configuration.shown(setting));
            }
        } catch (ConfigurationException | IllegalArgumentException e) {
            System.err.println("flarepath: " + e.getMessage());
            System.exit(1);
        }
    }
}
