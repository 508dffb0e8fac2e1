package io.flarepath.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Turns what was written into a typed value, or says which rule it breaks. */
final class ValueReader {
    private static final int GLOBS_MOST = 1000;
    private static final int GLOB_LONGEST = 1000;
    private static final int GROUPS = 4;
    private static final int GROUP_LABELS = 4;
    private static final String LABEL_GROUPS_RULE =
            "must be at most %d different groups of 1 to %d label names besides service_name: write namespace,region+version"
                    .formatted(GROUPS, GROUP_LABELS);
    private static final Pattern LABEL = Pattern.compile("[A-Za-z_][A-Za-z0-9_.]{0,199}");
    private static final Pattern INTEGER = Pattern.compile("[+-]?[0-9]{1,18}");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]+");
    private static final Pattern AMOUNT = Pattern.compile("([0-9]{1,15})\\s*([A-Za-z]*)");

    private final Path home;

    ValueReader(Path home) {
        this.home = home;
    }

    /** A value breaks the rule of its setting. The message is the rule with an example. */
    static final class BrokenRule extends Exception {
        private static final long serialVersionUID = 1L;

        BrokenRule(String rule) {
            super(rule);
        }
    }

    /** Reads the value of a setting as the class that its kind stands for. */
    Object read(Setting setting, Given given) throws BrokenRule {
        if (setting.kind() == ValueKind.GLOBS) {
            return globs(given);
        }
        if (setting.kind() == ValueKind.RECORDED_SERVICES) {
            return recordedServices(given);
        }
        if (setting.kind() == ValueKind.DURATIONS) {
            return durations(setting, given);
        }
        if (setting.kind() == ValueKind.LABEL_GROUPS) {
            return labelGroups(given);
        }
        if (setting.kind() == ValueKind.SIZES) {
            return amounts(setting, given, true, "team-a=4MiB,team-b=512KiB");
        }
        if (given.sequence()) {
            throw new BrokenRule("must be one value, not a list: write " + example(setting));
        }
        String text = given.items().getFirst().strip();
        return switch (setting.kind()) {
            case TEXT -> text(setting, text);
            case NAME -> name(setting, text);
            case CHOICE -> choice(setting, text);
            case ADDRESS -> address(setting, text);
            case OPTIONAL_ADDRESS -> text.isEmpty() ? "" : address(setting, text);
            case URL -> url(text);
            case BYTES -> within(setting, amount(setting, text, true));
            case DURATION -> Duration.ofMillis(within(setting, amount(setting, text, false)));
            case INTEGER -> Math.toIntExact(integer(setting, text));
            case FLAG -> flag(text);
            case PATH -> path(text);
            case OPTIONAL_PATH -> text.isEmpty() ? "" : path(text);
            case GLOBS, RECORDED_SERVICES, DURATIONS, LABEL_GROUPS, SIZES ->
                    throw new IllegalStateException("read above");
        };
    }

    private static String text(Setting setting, String text) throws BrokenRule {
        boolean printable = text.chars().noneMatch(Character::isISOControl);
        if (!printable || text.length() < setting.least() || text.length() > setting.most()) {
            throw new BrokenRule(
                    "must be printable text of %d to %d characters"
                            .formatted(setting.least(), setting.most()));
        }
        return text;
    }

    private static String name(Setting setting, String text) throws BrokenRule {
        if (!NAME.matcher(text).matches() || text.length() > setting.most()) {
            throw new BrokenRule(
                    "must be 1 to %d letters, digits, '_', '.' or '-': write it like %s"
                            .formatted(setting.most(), example(setting)));
        }
        return text;
    }

    private static String choice(Setting setting, String text) throws BrokenRule {
        List<String> words = Arrays.asList(setting.choices().split("\\|", -1));
        String lower = text.toLowerCase(Locale.ROOT);
        if (!words.contains(lower)) {
            throw new BrokenRule("must be one of " + String.join(", ", words));
        }
        return lower;
    }

    private static Address address(Setting setting, String text) throws BrokenRule {
        try {
            return Address.parse(text);
        } catch (IllegalArgumentException e) {
            throw new BrokenRule(
                    "must be host:port with a port up to 65535: write it like 0.0.0.0:4040, "
                            + "[::1]:4040 or "
                            + (setting.kind() == ValueKind.OPTIONAL_ADDRESS
                                    ? "leave it empty"
                                    : example(setting)));
        }
    }

    private static URI url(String text) throws BrokenRule {
        try {
            URI uri = new URI(text);
            boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            boolean plain =
                    uri.getRawUserInfo() == null
                            && uri.getRawQuery() == null
                            && uri.getRawFragment() == null;
            if (http && plain && uri.getHost() != null && uri.getPort() <= 65_535) {
                return text.endsWith("/") ? new URI(text.replaceAll("/+$", "")) : uri;
            }
        } catch (URISyntaxException e) {
            // Told below, by the rule: what the parser says of it names neither rule nor cure.
        }
        throw new BrokenRule(
                "must be an http or https URL without user, query and fragment: write it like "
                        + "http://127.0.0.1:4040");
    }

    private static long integer(Setting setting, String text) throws BrokenRule {
        String digits = text.replace("_", "");
        if (!INTEGER.matcher(digits).matches()) {
            throw new BrokenRule(range(setting) + ": write it like " + example(setting));
        }
        return within(setting, Long.parseLong(digits));
    }

    private static long amount(Setting setting, String text, boolean bytes) throws BrokenRule {
        Matcher matcher = AMOUNT.matcher(text);
        if (matcher.matches()) {
            long unit = bytes ? Units.bytes(matcher.group(2)) : Units.millis(matcher.group(2));
            long number = Long.parseLong(matcher.group(1));
            if (unit > 0 && number <= Long.MAX_VALUE / unit) {
                return number * unit;
            }
        }
        throw new BrokenRule(
                "must be a whole number with one of the units "
                        + (bytes ? Units.BYTES : Units.DURATIONS)
                        + ": write it like "
                        + example(setting));
    }

    private static long within(Setting setting, long value) throws BrokenRule {
        if (value < setting.least() || value > setting.most()) {
            throw new BrokenRule(range(setting) + ": write it like " + example(setting));
        }
        return value;
    }

    private static Boolean flag(String text) throws BrokenRule {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new BrokenRule("must be true or false");
        };
    }

    private Path path(String text) throws BrokenRule {
        try {
            if (text.startsWith("~/")) {
                return home.resolve(text.substring(2)).normalize();
            }
            Path path = Path.of(text);
            if (path.isAbsolute()) {
                return path.normalize();
            }
        } catch (InvalidPathException e) {
            // Told below, by the rule.
        }
        throw new BrokenRule("must be an absolute path: begin it with / or ~/");
    }

    private static RecordedServices recordedServices(Given given) throws BrokenRule {
        try {
            return RecordedServices.parse(words(given.items()));
        } catch (IllegalArgumentException e) {
            throw new BrokenRule(
                    "must be services with what to record of each (%s): write it like %s"
                            .formatted(
                                    String.join(", ", RecordedServices.KINDS),
                                    "checkout:allocations,locks,pay-*:cpu"));
        }
    }

    private static List<String> words(List<String> items) {
        return items.stream()
                .flatMap(item -> Arrays.stream(item.split(",", -1)))
                .map(String::strip)
                .filter(item -> !item.isEmpty())
                .toList();
    }

    /** The items of a list, however it is written. */
    private static List<String> items(Given given) {
        return given.sequence()
                ? given.items().stream().map(String::strip).filter(item -> !item.isEmpty()).toList()
                : words(given.items());
    }

    private Map<String, Duration> durations(Setting setting, Given given) throws BrokenRule {
        Map<String, Duration> durations = new TreeMap<>();
        amounts(setting, given, false, "team-a=3d,team-b=30d")
                .forEach((name, millis) -> durations.put(name, Duration.ofMillis(millis)));
        return Map.copyOf(durations);
    }

    /** Amounts by name, in bytes or milliseconds. */
    private static Map<String, Long> amounts(
            Setting setting, Given given, boolean bytes, String example) throws BrokenRule {
        Map<String, Long> amounts = new TreeMap<>();
        for (String item : items(given)) {
            int split = item.lastIndexOf('=');
            if (split < 1) {
                throw new BrokenRule(
                        "must be a %s: write %s".formatted(setting.kind().label(), example));
            }
            long value = within(setting, amount(setting, item.substring(split + 1).strip(), bytes));
            if (amounts.put(item.substring(0, split).strip(), value) != null) {
                throw new BrokenRule("must name each once");
            }
        }
        return Map.copyOf(amounts);
    }

    private static List<List<String>> labelGroups(Given given) throws BrokenRule {
        Set<List<String>> groups = new LinkedHashSet<>();
        for (String item : items(given)) {
            Set<String> names = new TreeSet<>();
            for (String name : item.split("\\+", -1)) {
                if (!LABEL.matcher(name.strip()).matches()) {
                    throw new BrokenRule(LABEL_GROUPS_RULE);
                }
                names.add(name.strip());
            }
            // Sums are those of one service at a time.
            names.remove("service_name");
            if (names.isEmpty() || names.size() > GROUP_LABELS || !groups.add(List.copyOf(names))) {
                throw new BrokenRule(LABEL_GROUPS_RULE);
            }
        }
        if (groups.size() > GROUPS) {
            throw new BrokenRule(LABEL_GROUPS_RULE);
        }
        return List.copyOf(groups);
    }

    private static Globs globs(Given given) throws BrokenRule {
        List<String> patterns = items(given);
        boolean tooLong = patterns.stream().anyMatch(item -> item.length() > GLOB_LONGEST);
        if (tooLong || patterns.size() > GLOBS_MOST) {
            throw new BrokenRule(
                    "must be at most %d patterns of at most %d characters"
                            .formatted(GLOBS_MOST, GLOB_LONGEST));
        }
        return new Globs(patterns);
    }

    /** The range in the words of the setting's kind. */
    static String range(Setting setting) {
        return switch (setting.kind()) {
            case BYTES, SIZES ->
                    "must be from %s to %s"
                            .formatted(
                                    Units.showBytes(setting.least()),
                                    Units.showBytes(setting.most()));
            case DURATION, DURATIONS ->
                    "must be from %s to %s"
                            .formatted(
                                    Units.showMillis(setting.least()),
                                    Units.showMillis(setting.most()));
            default ->
                    "must be a whole number from %d to %d"
                            .formatted(setting.least(), setting.most());
        };
    }

    private static String example(Setting setting) {
        return setting.defaultText();
    }
}
