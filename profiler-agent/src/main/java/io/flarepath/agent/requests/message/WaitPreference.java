package io.flarepath.agent.requests.message;

import java.util.Locale;

/** The header {@code Prefer}, by which a client allows a server to wait before it answers. */
public final class WaitPreference {
    private WaitPreference() {}

    /** Whether a value asks for a wait of some seconds (RFC 7240, section 4.3). */
    public static boolean isWait(String value) {
        for (String preference : value.split(",", 8)) {
            String text = preference.strip().toLowerCase(Locale.ROOT);
            if (text.startsWith("wait=") && !text.startsWith("wait=0")) {
                return true;
            }
        }
        return false;
    }
}
