package io.flarepath.agent.processes;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Names of this machine's own users, as passwd(5) has them when the agent starts. */
final class UserNames {
    private static final int MAX_USERS = 100_000;

    private final Map<Integer, String> names;

    private UserNames(Map<Integer, String> names) {
        this.names = names;
    }

    /**
     * Reads the file; lines that do not parse are passed over, a file that is not there is empty.
     */
    static UserNames read(Path passwd) {
        Map<Integer, String> names = new HashMap<>();
        // Names may be of any encoding; this one reads every byte.
        try (BufferedReader reader = Files.newBufferedReader(passwd, StandardCharsets.ISO_8859_1)) {
            String line = reader.readLine();
            while (line != null && names.size() < MAX_USERS) {
                String[] fields = line.split(":", 4);
                if (fields.length == 4) {
                    add(names, fields[2], fields[0]);
                }
                line = reader.readLine();
            }
        } catch (IOException e) {
            return new UserNames(Map.of());
        }
        return new UserNames(names);
    }

    private static void add(Map<Integer, String> names, String id, String name) {
        try {
            names.putIfAbsent(Integer.valueOf(id), name);
        } catch (NumberFormatException e) {
            return; // Not a user.
        }
    }

    /** The user's name, or empty. */
    String nameOf(int id) {
        return names.getOrDefault(id, "");
    }
}
