package io.flarepath.config;

import java.util.List;

/** The configuration cannot be used. Carries every error at once, ready to be printed. */
public final class ConfigurationException extends Exception {
    private static final long serialVersionUID = 1L;

    /** A file of nonsense has thousands of errors, of which nobody reads more than these. */
    private static final int SHOWN = 50;

    private final String[] errors;

    ConfigurationException(List<String> errors) {
        super(text(errors));
        this.errors = errors.toArray(String[]::new);
    }

    /** One sentence an error: its source, the key, the rule that is broken, and the cure. */
    public List<String> errors() {
        return List.of(errors);
    }

    private static String text(List<String> errors) {
        String shown = String.join("\n", errors.subList(0, Math.min(SHOWN, errors.size())));
        int more = errors.size() - SHOWN;
        return more > 0 ? shown + "\nand " + more + " more errors" : shown;
    }
}
