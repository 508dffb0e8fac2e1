package io.flarepath.symbolizer.live.hotspot;

import org.jspecify.annotations.Nullable;

/**
 * The version of a VM.
 *
 * @param major feature release of Java
 * @param text all of it, such as {@code 17.0.15+6}
 */
record VmVersion(int major, String text) {
    private static final int MAX_RELEASE = 200;
    private static final String OWN = "Abstract_VM_Version::";

    /**
     * Reads it.
     *
     * @return null if the VM does not tell yet
     */
    static @Nullable VmVersion read(MemoryReader reader, VmTables vm)
            throws UnknownLayoutException {
        try {
            // Up to 8 the VM's own version is not that of Java.
            long current = vm.optionalStatic("JDK_Version::_current");
            VmField majorOfJdk = vm.optional("JDK_Version::_major");
            if (current != 0 && majorOfJdk.bytes() != 0) {
                int major = (int) majorOfJdk.at(reader, current);
                if (major == 0) {
                    return null;
                }
                if (major <= 8) {
                    String release = release(reader, vm);
                    return new VmVersion(major, release.isEmpty() ? "8" : "8 (" + release + ")");
                }
            }
            int major = number(reader, vm, "_vm_major_version");
            int minor = number(reader, vm, "_vm_minor_version");
            int security = number(reader, vm, "_vm_security_version");
            int build = number(reader, vm, "_vm_build_number");
            String text = String.valueOf(major);
            if (minor != 0 || security != 0) {
                text += "." + minor + "." + security;
            }
            return new VmVersion(major, text + "+" + build);
        } catch (UnreadableException e) {
            return null;
        }
    }

    private static int number(MemoryReader reader, VmTables vm, String name)
            throws UnknownLayoutException, UnreadableException {
        long address = vm.optionalStatic(OWN + name);
        int bytes = vm.widthOfStatic(OWN + name);
        if (address == 0 || bytes == 0) {
            throw new UnknownLayoutException("the VM has no field " + OWN + name);
        }
        return (int) reader.number(address, bytes, true);
    }

    private static String release(MemoryReader reader, VmTables vm) throws UnreadableException {
        long address = vm.optionalStatic(OWN + "_s_vm_release");
        return address == 0 ? "" : reader.cString(reader.pointer(address), MAX_RELEASE);
    }
}
