package io.flarepath.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The command line of both processes: {@code --config FILE} and any number of {@code --set
 * KEY=VALUE}; both also as {@code --config=FILE} and {@code --set=KEY=VALUE}.
 *
 * @param config the file after {@code --config}, or null
 * @param sets what follows each {@code --set}
 * @param operands words that are no options, for the caller
 */
public record Arguments(@Nullable Path config, List<String> sets, List<String> operands) {

    /**
     * Reads the command line.
     *
     * @throws ConfigurationException if there is an unknown option, or one without its value
     */
    public static Arguments parse(List<String> words) throws ConfigurationException {
        @Nullable Path config = null;
        List<String> sets = new ArrayList<>();
        List<String> operands = new ArrayList<>();
        List<String> errors = new ArrayList<>();
        Iterator<String> rest = words.iterator();
        while (rest.hasNext()) {
            String word = rest.next();
            if (!word.startsWith("-")) {
                operands.add(word);
                continue;
            }
            int equals = word.indexOf('=');
            String option = equals < 0 ? word : word.substring(0, equals);
            if (!option.equals("--config") && !option.equals("--set")) {
                errors.add(
                        "%s: is not an option: use --config FILE or --set KEY=VALUE"
                                .formatted(Given.quoted(option)));
            } else if (equals < 0 && !rest.hasNext()) {
                errors.add(
                        "%s: a value must follow: write --config FILE or --set KEY=VALUE"
                                .formatted(option));
            } else {
                String value = equals < 0 ? rest.next() : word.substring(equals + 1);
                if (option.equals("--set")) {
                    sets.add(value);
                } else {
                    config = Path.of(value);
                }
            }
        }
        if (!errors.isEmpty()) {
            throw new ConfigurationException(errors);
        }
        return new Arguments(config, List.copyOf(sets), List.copyOf(operands));
    }

    /**
     * Loads the configuration that these arguments name; without {@code --config} the file is that
     * of {@code FLAREPATH_CONFIG}, if any.
     *
     * @throws ConfigurationException with all errors
     */
    public Configuration load(Map<String, String> environment) throws ConfigurationException {
        String named = environment.getOrDefault("FLAREPATH_CONFIG", "");
        Path file = config == null && !named.isBlank() ? Path.of(named) : config;
        return Configuration.load(file, environment, sets);
    }
}
