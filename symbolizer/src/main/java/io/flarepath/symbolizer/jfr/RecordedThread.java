package io.flarepath.symbolizer.jfr;

/**
 * A thread of a recording.
 *
 * @param name the name that Java knows, else that of the system
 * @param tid the system's number in the namespace of the recorded process, or 0
 */
public record RecordedThread(String name, long tid) {}
