package io.flarepath.symbolizer.binary.symbolfile;

import io.flarepath.symbolizer.FrameKind;
import java.io.IOException;

/** Takes what readers of debug information find. Numbers that it gives are never negative. */
public interface CodeSink {
    /** The number of a text; equal texts have one number. */
    int string(byte[] utf8, int length) throws IOException;

    /** The number of a source file; 0 is for none. */
    int file(String path) throws IOException;

    /**
     * Adds a function.
     *
     * @param name number of its name as it stands in the binary: mangled, if it has such a name
     * @param file number of the file in which it is declared, or 0
     * @param line where it is declared there, or 0
     * @return its number
     */
    int function(int name, int file, int line, FrameKind kind) throws IOException;

    /**
     * Adds a block of code.
     *
     * @param priority where blocks overlap, the highest holds, and of equals the later
     */
    void block(CodeBlock block, int priority) throws IOException;
}
