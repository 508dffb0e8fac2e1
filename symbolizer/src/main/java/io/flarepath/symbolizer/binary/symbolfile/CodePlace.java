package io.flarepath.symbolizer.binary.symbolfile;

import io.flarepath.symbolizer.FrameKind;

/**
 * What runs at an address: a function and the place in its source.
 *
 * @param symbol name as it stands in the binary, mangled if it has such a name
 * @param kind NATIVE, GO or RUST
 * @param file source file that runs, or empty
 * @param line line that runs, or 0
 * @param startLine line at which the function is declared, or 0
 * @param inlined whether it was inlined into the next one
 */
public record CodePlace(
        String symbol, FrameKind kind, String file, int line, int startLine, boolean inlined) {}
