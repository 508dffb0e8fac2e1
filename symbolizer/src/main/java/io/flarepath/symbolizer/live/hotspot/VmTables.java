package io.flarepath.symbolizer.live.hotspot;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The tables in which a VM describes its own structures to debuggers (gHotSpotVMTypes,
 * gHotSpotVMStructs, gHotSpotVMIntConstants: OpenJDK, vmStructs.hpp), read out of its memory. The
 * layout of the tables stands in exported variables too.
 */
public final class VmTables {
    private static final int MAX_STRIDE = 256;
    private static final int MAX_ENTRIES = 1 << 14;
    private static final int MAX_STRUCTURE_BYTES = 1 << 16;
    private static final int MAX_NAME = 250;

    /** How much of the library's data is searched for the table of JVMCI. */
    private static final long MAX_SEARCHED = 32L << 20;

    private static final int CHUNK = 1 << 16;

    private record Entry(String type, boolean isStatic, long position) {}

    private final MemoryReader reader;
    private final JvmLibrary library;
    private final long bias;
    private final Map<String, Long> types = new HashMap<>();
    private final Map<String, Entry> fields = new HashMap<>();
    private final Map<String, Long> constants = new HashMap<>();

    private VmTables(MemoryReader reader, JvmLibrary library, long bias) {
        this.reader = reader;
        this.library = library;
        this.bias = bias;
    }

    /**
     * Reads the tables.
     *
     * @return null if they cannot be read (yet): the library is not relocated, or the process gone
     * @throws UnknownLayoutException if the library does not export them, or they are none
     */
    static @Nullable VmTables read(MemoryReader reader, JvmLibrary library, long bias)
            throws UnknownLayoutException {
        VmTables tables = new VmTables(reader, library, bias);
        try {
            long types = tables.exported("Types");
            long structs = tables.exported("Structs");
            if (types == 0 || structs == 0) {
                return null;
            }
            tables.readTypes(types);
            tables.readFields(structs);
            if (tables.types.isEmpty() || tables.fields.isEmpty()) {
                return null; // not relocated
            }
            tables.readConstants();
            tables.readFieldsOfJvmci();
        } catch (UnreadableException e) {
            return null;
        }
        return tables;
    }

    /** The value of an exported variable. */
    private long exported(String name) throws UnknownLayoutException, UnreadableException {
        return reader.pointer(bias + library.symbol(name));
    }

    private int bounded(String name, int most) throws UnknownLayoutException, UnreadableException {
        long value = exported(name);
        if (value < 0 || value > most) {
            throw new UnknownLayoutException("gHotSpotVM" + name + " is " + value);
        }
        return (int) value;
    }

    private void readTypes(long table) throws UnknownLayoutException, UnreadableException {
        int stride = bounded("TypeEntryArrayStride", MAX_STRIDE);
        int name = bounded("TypeEntryTypeNameOffset", stride - 8);
        int size = bounded("TypeEntrySizeOffset", stride - 8);
        for (int i = 0; i < MAX_ENTRIES; i++) {
            byte[] entry = reader.bytes(table + (long) i * stride, stride);
            long text = MemoryReader.i64(entry, name);
            if (text == 0) {
                return;
            }
            types.put(reader.cString(text, MAX_NAME), MemoryReader.i64(entry, size));
        }
        throw new UnknownLayoutException("gHotSpotVMTypes has more than " + MAX_ENTRIES);
    }

    private void readFields(long table) throws UnknownLayoutException, UnreadableException {
        int stride = bounded("StructEntryArrayStride", MAX_STRIDE);
        int type = bounded("StructEntryTypeNameOffset", stride - 8);
        int field = bounded("StructEntryFieldNameOffset", stride - 8);
        int typeString = bounded("StructEntryTypeStringOffset", stride - 8);
        int isStatic = bounded("StructEntryIsStaticOffset", stride - 4);
        int offset = bounded("StructEntryOffsetOffset", stride - 8);
        int address = bounded("StructEntryAddressOffset", stride - 8);
        for (int i = 0; i < MAX_ENTRIES; i++) {
            byte[] entry = reader.bytes(table + (long) i * stride, stride);
            long text = MemoryReader.i64(entry, type);
            long fieldText = MemoryReader.i64(entry, field);
            if (text == 0 || fieldText == 0) {
                return;
            }
            String key =
                    reader.cString(text, MAX_NAME) + "::" + reader.cString(fieldText, MAX_NAME);
            long typeText = MemoryReader.i64(entry, typeString);
            boolean fixed = MemoryReader.i32(entry, isStatic) != 0;
            fields.putIfAbsent(
                    key,
                    new Entry(
                            typeText == 0 ? "" : reader.cString(typeText, MAX_NAME),
                            fixed,
                            MemoryReader.i64(entry, fixed ? address : offset)));
        }
        throw new UnknownLayoutException("gHotSpotVMStructs has more than " + MAX_ENTRIES);
    }

    private void readConstants() throws UnknownLayoutException, UnreadableException {
        long table = exported("IntConstants");
        int stride = bounded("IntConstantEntryArrayStride", MAX_STRIDE);
        int name = bounded("IntConstantEntryNameOffset", stride - 8);
        int value = bounded("IntConstantEntryValueOffset", stride - 4);
        for (int i = 0; i < MAX_ENTRIES; i++) {
            byte[] entry = reader.bytes(table + (long) i * stride, stride);
            long text = MemoryReader.i64(entry, name);
            if (text == 0) {
                return;
            }
            constants.put(reader.cString(text, MAX_NAME), (long) MemoryReader.i32(entry, value));
        }
        throw new UnknownLayoutException("gHotSpotVMIntConstants has more than " + MAX_ENTRIES);
    }

    /**
     * The VM keeps a second table of the same layout for compilers that are written in Java, which
     * is not exported. It has the names of many stubs, so it is searched for; that it is not there
     * costs only these.
     */
    private void readFieldsOfJvmci() throws UnknownLayoutException, UnreadableException {
        if (library.jvmciFieldName() == 0) {
            return;
        }
        long wanted = bias + library.jvmciFieldName();
        int name = bounded("StructEntryFieldNameOffset", MAX_STRIDE);
        byte[] chunk = new byte[CHUNK];
        for (JvmLibrary.Data data : library.data()) {
            long end = Math.min(data.bytes(), MAX_SEARCHED);
            for (long at = 0; at < end; at += CHUNK) {
                int count = reader.some(bias + data.address() + at, chunk);
                // Addresses stand at multiples of 8; segments need not start at one.
                int first = (int) (-data.address() & 7);
                for (int i = first; i + 8 <= Math.min(count, end - at); i += 8) {
                    if (MemoryReader.i64(chunk, i) == wanted) {
                        try {
                            readFields(bias + data.address() + at + i - name);
                        } catch (UnreadableException e) {
                            // a like number, not the table
                        }
                        return;
                    }
                }
            }
        }
    }

    /** Number of bytes of a structure. */
    int sizeOf(String type) throws UnknownLayoutException {
        Long size = types.get(type);
        if (size == null || size <= 0 || size > MAX_STRUCTURE_BYTES) {
            throw new UnknownLayoutException("the VM does not tell the size of " + type);
        }
        return size.intValue();
    }

    /** The first of these fields ({@code Type::field}) that the VM has. */
    VmField field(String... names) throws UnknownLayoutException {
        VmField field = optional(names);
        if (!field.exists()) {
            throw new UnknownLayoutException("the VM has no field " + String.join(" or ", names));
        }
        return field;
    }

    /** The same, {@link VmField#ABSENT} where there is none. */
    VmField optional(String... names) throws UnknownLayoutException {
        for (String name : names) {
            Entry entry = fields.get(name);
            if (entry == null || entry.isStatic) {
                continue;
            }
            if (entry.position < 0 || entry.position > MAX_STRUCTURE_BYTES) {
                throw new UnknownLayoutException(name + " has the offset " + entry.position);
            }
            return new VmField(
                    (int) entry.position, widthOf(entry.type), isSigned(plain(entry.type)));
        }
        return VmField.ABSENT;
    }

    /** The same, where a number or pointer of such a width is needed. */
    VmField field(int bytes, String... names) throws UnknownLayoutException {
        VmField field = field(names);
        if (field.bytes() != bytes) {
            throw new UnknownLayoutException(
                    String.join(" or ", names)
                            + " has "
                            + field.bytes()
                            + " bytes in place of "
                            + bytes);
        }
        return field;
    }

    /** The same for a number of any width. */
    VmField number(String... names) throws UnknownLayoutException {
        VmField field = field(names);
        if (field.bytes() == 0) {
            throw new UnknownLayoutException(String.join(" or ", names) + " is no number");
        }
        return field;
    }

    /** Address of a static field, or 0 where the VM has none such. */
    long optionalStatic(String name) {
        Entry entry = fields.get(name);
        return entry == null || !entry.isStatic ? 0 : entry.position;
    }

    /** Width of a static field; 0 where it is not known. */
    int widthOfStatic(String name) {
        Entry entry = fields.get(name);
        return entry == null ? 0 : widthOf(entry.type);
    }

    /** An integer constant, or what stands for it. */
    long constant(long otherwise, String... names) {
        for (String name : names) {
            Long value = constants.get(name);
            if (value != null) {
                return value;
            }
        }
        return otherwise;
    }

    /** Static fields of a class that hold an address of code, by name of the field. */
    Map<String, Long> staticAddresses(String type) {
        Map<String, Long> found = new HashMap<>();
        fields.forEach((name, entry) -> {
            if (entry.isStatic
                    && name.startsWith(type + "::")
                    && plain(entry.type).equals("address")) {
                found.put(name.substring(type.length() + 2), entry.position);
            }
        });
        return found;
    }

    private static String plain(String type) {
        String plain = type;
        for (String word : new String[] {"volatile", "const"}) {
            if (plain.startsWith(word + " ")) {
                plain = plain.substring(word.length() + 1);
            }
        }
        return plain.strip();
    }

    private int widthOf(String type) {
        String plain = plain(type);
        int width = width(plain);
        if (width > 0) {
            return width;
        }
        // an enum, or another name of a number
        Long size = types.get(plain);
        return size != null && (size == 1 || size == 2 || size == 4 || size == 8)
                ? size.intValue()
                : 0;
    }

    /** Width of a C++ type by its name, 0 where the name does not tell. */
    static int width(String type) {
        if (type.endsWith("*")) {
            return 8;
        }
        return switch (type) {
            case "u1", "bool", "char", "signed char", "unsigned char", "jboolean", "jbyte" -> 1;
            case "int8_t", "uint8_t" -> 1;
            case "u2", "int16_t", "uint16_t", "short", "unsigned short", "jshort", "jchar" -> 2;
            case "u4", "int", "uint", "unsigned", "unsigned int", "jint", "juint" -> 4;
            case "int32_t", "uint32_t" -> 4;
            case "u8", "long", "unsigned long", "jlong", "julong", "intx", "uintx" -> 8;
            case "int64_t", "uint64_t", "intptr_t", "uintptr_t", "size_t", "address" -> 8;
            default -> 0;
        };
    }

    private static boolean isSigned(String type) {
        return switch (type) {
            case "signed char", "jbyte", "int8_t", "int16_t", "short", "jshort" -> true;
            case "int", "jint", "int32_t", "long", "jlong", "intx", "int64_t", "intptr_t" -> true;
            default -> false;
        };
    }
}
