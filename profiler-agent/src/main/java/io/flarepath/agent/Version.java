package io.flarepath.agent;

/** The agent's own version. */
final class Version {
    private Version() {}

    /** As the jar's manifest has it; {@code development} where there is no jar. */
    static String current() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
