package io.flarepath.symbolizer.live.hotspot;

/**
 * The options of a VM that are switches, as they are set: {@code JVMFlag::flags}, an array that the
 * VM describes to debuggers (OpenJDK, jvmFlag.hpp, since Java 13).
 */
final class VmFlags {
    /** A VM has some 1,500. */
    private static final int MAX_FLAGS = 1 << 13;

    private static final int MAX_NAME = 250;

    private VmFlags() {}

    /** Whether a switch is on; false where the VM has none of that name, or does not tell. */
    static boolean isOn(MemoryReader reader, VmTables vm, String name) {
        long flags = vm.optionalStatic("JVMFlag::flags");
        long count = vm.optionalStatic("JVMFlag::numFlags");
        if (flags == 0 || count == 0) {
            return false;
        }
        try {
            VmField nameOf = vm.field("JVMFlag::_name");
            VmField valueOf = vm.field("JVMFlag::_addr");
            int bytes = vm.sizeOf("JVMFlag");
            long first = reader.pointer(flags);
            long all = Math.min(MAX_FLAGS, reader.pointer(count));
            for (int i = 0; i < all; i++) {
                long flag = first + (long) i * bytes;
                long text = reader.pointer(flag + nameOf.offset());
                if (text == 0) {
                    return false; // The last one has no name.
                }
                if (reader.cString(text, MAX_NAME).equals(name)) {
                    return reader.u8(reader.pointer(flag + valueOf.offset())) != 0;
                }
            }
        } catch (UnknownLayoutException | UnreadableException e) {
            return false; // As for a VM that has no such switch: nothing else depends on it.
        }
        return false;
    }
}
