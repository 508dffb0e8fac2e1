package io.flarepath.agent.contact;

/**
 * What became of a recording.
 *
 * @param name its name
 * @param state recording, done or failed
 * @param message why it failed, or empty
 */
public record RecordingReport(String name, String state, String message) {}
