package io.flarepath.symbolizer.live.hotspot;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The smallest VM that can be read: its tables, one code heap with an interpreter, a native wrapper
 * and one compiled method into which another one was inlined. Laid out as a release of Java does,
 * at offsets of its own.
 */
final class SyntheticVm implements TargetMemory {
    static final long BASE = 0x7100_0000_0000L;
    static final int BYTES = 1 << 16;
    static final int COMPILE_ID = 77;
    static final int NATIVE_COMPILE_ID = 3;

    private static final int SEGMENT_SHIFT = 7;
    private static final int HEAP_BYTES = 1 << 13;
    private static final int POOL_BYTES = 72;

    final byte[] image = new byte[BYTES];
    private final ByteBuffer memory = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
    private int next = 64;
    private final Map<String, Long> symbols = new HashMap<>();
    private final Map<String, Struct> structs = new LinkedHashMap<>();
    private final List<String[]> statics = new ArrayList<>();
    private final int major;
    long heapStart;
    long compiledCode;
    long nativeCode;
    long interpreterCode;
    long outer;
    long inner;

    /** Fields in the order in which they are added, eight bytes each, which no real VM has. */
    private final class Struct {
        final String name;
        final Map<String, String> types = new LinkedHashMap<>();
        final Map<String, Integer> offsets = new HashMap<>();
        int bytes;

        Struct(String name, int from) {
            this.name = name;
            this.bytes = from;
            structs.put(name, this);
        }

        Struct field(String field, String type) {
            types.put(field, type);
            offsets.put(field, bytes);
            bytes += 8;
            return this;
        }

        int offset(String field) {
            return Objects.requireNonNull(offsets.get(field), field);
        }

        boolean has(String field) {
            return offsets.containsKey(field);
        }

        /** Sets a field of the structure at an address, if this release has it. */
        void set(long address, String field, long value) {
            if (!has(field)) {
                return;
            }
            int at = (int) (address - BASE) + offset(field);
            String type = Objects.requireNonNull(types.get(field), field);
            switch (VmTables.width(type)) {
                case 1 -> memory.put(at, (byte) value);
                case 2 -> memory.putShort(at, (short) value);
                case 4 -> memory.putInt(at, (int) value);
                default -> memory.putLong(at, value);
            }
        }
    }

    SyntheticVm(int major) {
        this.major = major;
        layOut();
        makeCode();
        writeTables();
    }

    private boolean from(int release) {
        return major >= release;
    }

    private void layOut() {
        new Struct("HeapBlock", from(17) && major != 17 ? 8 : 16);
        new Struct("CodeHeap", 8)
                .field("_memory", "VirtualSpace")
                .field("pad1", "int")
                .field("pad2", "int")
                .field("_segmap", "VirtualSpace")
                .field("pad3", "int")
                .field("pad4", "int")
                .field("_log2_segment_size", "int");
        new Struct("VirtualSpace", 0)
                .field("_low_boundary", "char*")
                .field("_high_boundary", "char*")
                .field("_high", "char*");
        Struct blob = new Struct("CodeBlob", 8);
        blob.field("_name", "const char*").field("_size", "int").field("_frame_size", "int");
        blob.field("_frame_complete_offset", from(23) ? "int16_t" : "int");
        boolean pointers = from(9) && !from(23);
        blob.field(pointers ? "_code_begin" : "_code_offset", pointers ? "address" : "int");
        blob.field("_data_offset", "int");
        if (from(25)) {
            blob.field("_mutable_data", "address")
                    .field("_mutable_data_size", "int")
                    .field("_relocation_size", "int");
        }
        Struct nmethod = new Struct("nmethod", blob.bytes);
        Struct compiled = pointers ? new Struct("CompiledMethod", blob.bytes + 8) : nmethod;
        compiled.field("_method", "Method*");
        if (pointers) {
            compiled.field("_scopes_data_begin", "address")
                    .field("_deopt_handler_begin", "address")
                    .field("_deopt_mh_handler_begin", "address");
            nmethod.bytes = compiled.bytes;
        } else {
            nmethod.field("_scopes_data_offset", "int")
                    .field(
                            from(26)
                                    ? "_deopt_handler_entry_offset"
                                    : from(23) ? "_deopt_handler_offset" : "_deoptimize_offset",
                            "int");
        }
        nmethod.field("_compile_id", "int")
                .field("_orig_pc_offset", "int")
                .field("_scopes_pcs_offset", "int");
        if (!from(25)) {
            nmethod.field("_metadata_offset", from(23) ? "uint16_t" : "int");
        }
        if (from(23)) {
            nmethod.field("_immutable_data", "address").field("_immutable_data_size", "int");
        } else {
            nmethod.field("_dependencies_offset", "int");
        }
        new Struct("PcDesc", 0).field("_pc_offset", "int").field("_scope_decode_offset", "int");
        new Struct("Method", 8).field("_constMethod", "ConstMethod*");
        new Struct("ConstMethod", 0)
                .field("_constants", "ConstantPool*")
                .field("_constMethod_size", "int")
                .field(from(21) ? "_flags._flags" : "_flags", from(21) ? "u4" : "u2")
                .field("_code_size", "u2")
                .field("_name_index", "u2")
                .field("_signature_index", "u2");
        Struct pool = new Struct("ConstantPool", 8);
        pool.field("_pool_holder", "InstanceKlass*").field("_length", "int");
        Struct klass = new Struct("InstanceKlass", 64);
        (from(15) ? pool : klass).field("_source_file_name_index", "u2");
        pool.bytes = POOL_BYTES;
        new Struct("Klass", 8).field("_name", "Symbol*");
        Struct symbol = new Struct("Symbol", 0);
        boolean shared = from(12) && !from(17);
        symbol.types.put(shared ? "_length_and_refcount" : "_length", shared ? "uint32_t" : "u2");
        symbol.offsets.put(shared ? "_length_and_refcount" : "_length", 2);
        if (shared) {
            symbol.offsets.put("_length_and_refcount", 0);
        }
        symbol.types.put(from(9) ? "_body[0]" : "_body", "u1");
        symbol.offsets.put(from(9) ? "_body[0]" : "_body", 6);
        symbol.bytes = 8;
        if (from(9)) {
            new Struct(from(16) ? "GrowableArrayBase" : "GenericGrowableArray", 0)
                    .field("_len", "int");
            new Struct("GrowableArray<int>", 8).field("_data", "int*");
        }
    }

    private long allocate(int bytes) {
        int at = next;
        next = (next + bytes + 15) & ~15;
        if (next > BYTES) {
            throw new IllegalStateException("the synthetic VM is too small");
        }
        return BASE + at;
    }

    private long bytes(byte[] content) {
        long address = allocate(content.length + 1);
        memory.put((int) (address - BASE), content);
        return address;
    }

    private long text(String text) {
        return bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    private void put64(long address, long value) {
        memory.putLong((int) (address - BASE), value);
    }

    private long symbol(String text) {
        byte[] utf = text.getBytes(StandardCharsets.UTF_8);
        byte[] content = new byte[6 + utf.length];
        content[2] = (byte) utf.length;
        content[3] = (byte) (utf.length >> 8);
        System.arraycopy(utf, 0, content, 6, utf.length);
        return bytes(content);
    }

    private Struct of(String name) {
        return Objects.requireNonNull(structs.get(name), name);
    }

    private long method(long pool, int name, int signature, int firstLine) {
        Struct constant = of("ConstMethod");
        // 20 bytes of code, then a line for bytecodes 0 and 5.
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        lines.write(255);
        lines.writeBytes(CompressedNumbersTest.written(0, from(20)));
        lines.writeBytes(CompressedNumbersTest.written(firstLine << 1, from(20)));
        lines.write(5 << 3 | 1);
        lines.write(0);
        int bytes = (constant.bytes + 20 + lines.size() + 7) & ~7;
        long address = allocate(bytes);
        constant.set(address, "_constants", pool);
        constant.set(address, "_constMethod_size", bytes / 8);
        constant.set(address, "_flags", 1);
        constant.set(address, "_flags._flags", 1);
        constant.set(address, "_code_size", 20);
        constant.set(address, "_name_index", name);
        constant.set(address, "_signature_index", signature);
        memory.put((int) (address - BASE) + constant.bytes + 20, lines.toByteArray());
        long method = allocate(of("Method").bytes);
        of("Method").set(method, "_constMethod", address);
        return method;
    }

    private void makeCode() {
        long klass = allocate(of("InstanceKlass").bytes + 16);
        of("Klass").set(klass, "_name", symbol("a/Outer$$Lambda+0x00007f0012345678"));
        long pool = allocate(POOL_BYTES + 8 * 8);
        of("ConstantPool").set(pool, "_pool_holder", klass);
        of("ConstantPool").set(pool, "_length", 8);
        of("ConstantPool").set(pool, "_source_file_name_index", 4);
        of("InstanceKlass").set(klass, "_source_file_name_index", 4);
        put64(pool + POOL_BYTES + 8, symbol("outer"));
        put64(pool + POOL_BYTES + 16, symbol("inner"));
        put64(pool + POOL_BYTES + 24, symbol("(I)V") | (from(9) ? 0 : 1));
        put64(pool + POOL_BYTES + 32, symbol("Outer.java"));
        outer = method(pool, 1, 3, 100);
        inner = method(pool, 2, 3, 200);

        long heap = allocate(of("CodeHeap").bytes);
        heapStart = (allocate(HEAP_BYTES + 128) + 127) & ~127L;
        int segments = HEAP_BYTES >> SEGMENT_SHIFT;
        byte[] none = new byte[segments];
        Arrays.fill(none, (byte) 0xff);
        long map = bytes(none);
        Struct space = of("VirtualSpace");
        long memoryOfHeap = heap + of("CodeHeap").offset("_memory");
        space.set(memoryOfHeap, "_low_boundary", heapStart);
        space.set(memoryOfHeap, "_high_boundary", heapStart + HEAP_BYTES);
        space.set(memoryOfHeap, "_high", heapStart + HEAP_BYTES);
        space.set(heap + of("CodeHeap").offset("_segmap"), "_low_boundary", map);
        of("CodeHeap").set(heap, "_log2_segment_size", SEGMENT_SHIFT);

        long interpreter = block(map, 0, 8);
        interpreterCode = blob(interpreter, "Interpreter", 700, 0);
        long wrapper = block(map, 8, 6);
        nativeCode = blob(wrapper, "native nmethod", 600, -1);
        methodOf(wrapper, outer, NATIVE_COMPILE_ID);
        long nmethod = block(map, 14, 16);
        compiledCode = blob(nmethod, "nmethod", 2000, 4);
        methodOf(nmethod, outer, COMPILE_ID);
        tables(nmethod);

        if (from(9)) {
            long list = allocate(8);
            put64(list, heap);
            long array = allocate(16);
            of(from(16) ? "GrowableArrayBase" : "GenericGrowableArray").set(array, "_len", 1);
            of("GrowableArray<int>").set(array, "_data", list);
            fixed("CodeCache", "_heaps", "GrowableArray<CodeHeap*>*", array);
        } else {
            fixed("CodeCache", "_heap", "CodeHeap*", heap);
            fixed("JDK_Version", "_current", "JDK_Version", 8L << 32);
            new Struct("JDK_Version", 4).field("_major", "unsigned char");
        }
        fixed("Abstract_VM_Version", "_vm_major_version", "int", from(9) ? major : 25);
        fixed("Abstract_VM_Version", "_vm_minor_version", "int", 0);
        fixed("Abstract_VM_Version", "_vm_security_version", "int", 4);
        fixed("Abstract_VM_Version", "_vm_build_number", "int", 9);
        fixed("StubRoutines", "_call_stub_return_address", "address", 0);
    }

    private void fixed(String type, String field, String typeString, long value) {
        long variable = allocate(16);
        put64(variable, value);
        statics.add(new String[] {type, field, typeString, Long.toString(variable)});
    }

    /** A block in use; the address behind its header. */
    private long block(long map, int segment, int segments) {
        for (int i = 0; i < segments; i++) {
            image[(int) (map - BASE) + segment + i] = (byte) Math.min(i, 5);
        }
        long block = heapStart + ((long) segment << SEGMENT_SHIFT);
        int header = of("HeapBlock").bytes;
        memory.putInt((int) (block - BASE), segments);
        image[(int) (block - BASE) + header / 2] = 1;
        return block + header;
    }

    private long blob(long address, String name, int size, int frameComplete) {
        Struct blob = of("CodeBlob");
        int code = (of("nmethod").bytes + 31) & ~31;
        blob.set(address, "_name", text(name));
        blob.set(address, "_size", size);
        blob.set(address, "_frame_size", 4);
        blob.set(address, "_frame_complete_offset", frameComplete);
        blob.set(address, "_code_begin", address + code);
        blob.set(address, "_code_offset", code);
        return address + code;
    }

    private void methodOf(long address, long method, int compileId) {
        of(structs.containsKey("CompiledMethod") ? "CompiledMethod" : "nmethod")
                .set(address, "_method", method);
        of("nmethod").set(address, "_compile_id", compileId);
    }

    /** Places of the compiled method: 10 in outer alone, 20 in inner, called by outer. */
    private void tables(long nmethod) {
        ByteArrayOutputStream scopes = new ByteArrayOutputStream();
        scopes.write(1); // offset 0 means that there is none
        int alone = scope(scopes, 0, 1, 0);
        int caller = scope(scopes, 0, 1, 5);
        int inlined = scope(scopes, caller, 2, 5);
        int[][] places = {{-1, 0}, {10, alone}, {20, inlined}, {400, 0}};
        Struct pc = of("PcDesc");
        byte[] pcs = new byte[places.length * pc.bytes];
        ByteBuffer table = ByteBuffer.wrap(pcs).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < places.length; i++) {
            table.putInt(i * pc.bytes + pc.offset("_pc_offset"), places[i][0]);
            table.putInt(i * pc.bytes + pc.offset("_scope_decode_offset"), places[i][1]);
        }
        Struct own = of("nmethod");
        long data;
        int metadata = 1000;
        if (from(23)) {
            data = bytes(join(pcs, scopes.toByteArray()));
            own.set(nmethod, "_immutable_data", data);
            own.set(nmethod, "_immutable_data_size", pcs.length + scopes.size());
            own.set(nmethod, "_scopes_pcs_offset", 0);
            own.set(nmethod, "_scopes_data_offset", pcs.length);
        } else {
            int offset = metadata + 16;
            data = nmethod + offset;
            memory.put((int) (data - BASE), join(scopes.toByteArray(), pcs));
            own.set(nmethod, "_scopes_data_offset", offset);
            own.set(nmethod, "_scopes_pcs_offset", offset + scopes.size());
            own.set(nmethod, "_dependencies_offset", offset + scopes.size() + pcs.length);
            if (structs.containsKey("CompiledMethod")) {
                of("CompiledMethod").set(nmethod, "_scopes_data_begin", data);
            }
        }
        long pointers = nmethod + metadata;
        if (from(25)) {
            pointers = allocate(64) + 24;
            of("CodeBlob").set(nmethod, "_mutable_data", pointers - 24);
            of("CodeBlob").set(nmethod, "_mutable_data_size", 40);
            of("CodeBlob").set(nmethod, "_relocation_size", 24);
        } else if (from(23)) {
            of("CodeBlob").set(nmethod, "_data_offset", metadata - 8);
            own.set(nmethod, "_metadata_offset", 8);
        } else {
            own.set(nmethod, "_metadata_offset", metadata);
        }
        put64(pointers, outer);
        put64(pointers + 8, inner);
        long handler = compiledCode + 300;
        if (structs.containsKey("CompiledMethod")) {
            of("CompiledMethod").set(nmethod, "_deopt_handler_begin", handler);
        }
        for (String name :
                List.of(
                        "_deopt_handler_offset",
                        "_deopt_handler_entry_offset",
                        "_deoptimize_offset")) {
            own.set(nmethod, name, handler - nmethod);
        }
    }

    private int scope(ByteArrayOutputStream scopes, int sender, int method, int bci) {
        int at = scopes.size();
        for (int number : new int[] {sender, method, bci + 1}) {
            scopes.writeBytes(CompressedNumbersTest.written(number, from(20)));
        }
        return at;
    }

    private static byte[] join(byte[] one, byte[] other) {
        byte[] both = new byte[one.length + other.length];
        System.arraycopy(one, 0, both, 0, one.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }

    private void writeTables() {
        List<long[]> types = new ArrayList<>();
        List<long[]> fields = new ArrayList<>();
        for (Struct struct : structs.values()) {
            types.add(new long[] {text(struct.name), struct.bytes});
            struct.types.forEach((field, type) ->
                    fields.add(
                            new long[] {
                                text(struct.name),
                                text(field),
                                text(type),
                                0,
                                struct.offset(field),
                                0
                            }));
        }
        for (String[] variable : statics) {
            fields.add(
                    new long[] {
                        text(variable[0]),
                        text(variable[1]),
                        text(variable[2]),
                        1,
                        0,
                        Long.parseLong(variable[3])
                    });
        }
        exportTable("Types", types, "TypeEntry", "TypeName", "Size");
        exportTable(
                "Structs",
                fields,
                "StructEntry",
                "TypeName",
                "FieldName",
                "TypeString",
                "IsStatic",
                "Offset",
                "Address");
        exportTable("IntConstants", List.of(), "IntConstantEntry", "Name", "Value");
    }

    private void exportTable(String name, List<long[]> rows, String entry, String... columns) {
        int stride = 8 * columns.length;
        long table = allocate(stride * (rows.size() + 1));
        for (int row = 0; row < rows.size(); row++) {
            for (int column = 0; column < columns.length; column++) {
                put64(table + (long) row * stride + 8L * column, rows.get(row)[column]);
            }
        }
        export(name, table);
        export(entry + "ArrayStride", stride);
        for (int column = 0; column < columns.length; column++) {
            export(entry + columns[column] + "Offset", 8L * column);
        }
    }

    private void export(String name, long value) {
        long variable = allocate(8);
        put64(variable, value);
        symbols.put("gHotSpotVM" + name, variable - BASE);
    }

    /** How many bytes of the image are in use. */
    int used() {
        return next;
    }

    JvmLibrary library() {
        return new JvmLibrary(symbols, 0, List.of(new JvmLibrary.Data(0, BYTES)));
    }

    @Override
    public int read(long address, byte[] to, int offset, int length) {
        long at = address - BASE;
        if (at < 0 || at >= BYTES) {
            return 0;
        }
        int count = (int) Math.min(length, BYTES - at);
        System.arraycopy(image, (int) at, to, offset, count);
        return count;
    }
}
