package io.flarepath.agent.samples;

import java.nio.file.Path;
import java.util.List;

/**
 * A program whose names are compared with those of other tools.
 *
 * @param name in messages
 * @param command what starts it; it runs until it is killed
 * @param file whose code is named: the program, or a library of it
 * @param witness the same code in a file that the other tools can read
 * @param go the go command that built it, or empty
 */
record NamedProgram(String name, List<String> command, Path file, Path witness, String go) {
    @Override
    public String toString() {
        return name;
    }
}
