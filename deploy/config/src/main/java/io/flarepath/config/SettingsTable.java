package io.flarepath.config;

/** The catalogue as a table of Markdown, for the documentation. */
final class SettingsTable {
    private SettingsTable() {}

    static String markdown() {
        StringBuilder out = new StringBuilder();
        out.append("| key | variable | type | default | process | what it is |\n");
        out.append("|---|---|---|---|---|---|\n");
        for (Setting setting : Setting.values()) {
            out.append(
                    "| `%s` | `%s` | %s | %s | %s | %s |\n"
                            .formatted(
                                    setting.key(),
                                    setting.variable(),
                                    type(setting),
                                    defaultValue(setting),
                                    setting.usedBy().label(),
                                    setting.sentence()));
        }
        return out.toString();
    }

    private static String type(Setting setting) {
        return switch (setting.kind()) {
            case CHOICE -> "`" + setting.choices().replace("|", "`, `") + "`";
            case INTEGER -> "integer, %d to %d".formatted(setting.least(), setting.most());
            case TEXT, NAME ->
                    "%s, at most %d characters".formatted(setting.kind().label(), setting.most());
            case BYTES, SIZES ->
                    "%s, %s to %s"
                            .formatted(
                                    setting.kind().label(),
                                    Units.showBytes(setting.least()),
                                    Units.showBytes(setting.most()));
            case DURATION, DURATIONS ->
                    "%s, %s to %s"
                            .formatted(
                                    setting.kind().label(),
                                    Units.showMillis(setting.least()),
                                    Units.showMillis(setting.most()));
            default -> setting.kind().label();
        };
    }

    private static String defaultValue(Setting setting) {
        String text = setting.defaultText();
        boolean words = text.indexOf(' ') >= 0;
        return text.isEmpty() ? "empty" : words ? text : "`" + text + "`";
    }
}
