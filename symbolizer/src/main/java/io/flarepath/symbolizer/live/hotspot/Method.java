package io.flarepath.symbolizer.live.hotspot;

/**
 * A method as it is shown.
 *
 * @param function class, dot, method; the class by its stable name
 * @param systemName the same with the class as the VM calls it and with the signature
 * @param file name of the source file, or empty
 * @param lines of its bytecodes
 * @param codeSize bytes of bytecode
 * @param identity what tells whether the same method still stands at the same place
 */
record Method(
        String function,
        String systemName,
        String file,
        LineTable lines,
        int codeSize,
        Identity identity) {

    /** Pointers and indices that a method has for all of its life. */
    record Identity(
            long constMethod, long pool, long holder, long className, int name, int signature) {}

    /** Heap bytes, about. */
    int bytes() {
        return 160 + function.length() + systemName.length() + file.length() + lines.bytes();
    }
}
