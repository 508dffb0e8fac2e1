package io.flarepath.symbolizer.live.hotspot;

import io.flarepath.symbolizer.JavaNames;

/**
 * Names and lines of methods: Method → ConstMethod → ConstantPool → symbols. A pointer may be
 * anything: what stands there is a method only if all of it fits together.
 */
final class Methods {
    private static final int MAX_CACHED = 1024;
    private static final int MAX_CACHED_BYTES = 256 << 10;

    /** A class file cannot have more than 64 KiB of code and a few tables behind it. */
    private static final int MAX_CONST_METHOD_BYTES = 1 << 20;

    private final MemoryReader reader;
    private final Layout layout;
    private final VmSymbols symbols;
    private final BoundedCache<Long, Method> cached =
            new BoundedCache<>(MAX_CACHED, MAX_CACHED_BYTES, Method::bytes);

    Methods(MemoryReader reader, Layout layout) {
        this.reader = reader;
        this.layout = layout;
        this.symbols = new VmSymbols(reader, layout);
    }

    /**
     * The method at an address.
     *
     * @throws UnreadableException if there is none
     */
    Method at(long address) throws UnreadableException {
        byte[] head = new byte[layout.constMethodBytes];
        Method.Identity identity = identity(address, head);
        Method known = cached.get(address);
        if (known != null && known.identity().equals(identity)) {
            return known;
        }
        Method method = read(identity, head);
        if (!identity(address, head).equals(identity)) {
            throw new UnreadableException("the method changed while it was read");
        }
        cached.put(address, method);
        return method;
    }

    /**
     * Where a method's pointers lead, which costs four reads; {@code head} gets its ConstMethod.
     */
    private Method.Identity identity(long address, byte[] head) throws UnreadableException {
        long constMethod = aligned(layout.constMethod.at(reader, aligned(address)));
        if (reader.some(constMethod, head) < head.length) {
            throw new UnreadableException("no ConstMethod");
        }
        long pool = aligned(layout.constants.in(head));
        long holder = aligned(layout.poolHolder.at(reader, pool));
        long className = aligned(layout.klassName.at(reader, holder));
        return new Method.Identity(
                constMethod,
                pool,
                holder,
                className,
                (int) layout.nameIndex.in(head),
                (int) layout.signatureIndex.in(head));
    }

    private static long aligned(long pointer) throws UnreadableException {
        if ((pointer & 7) != 0 || pointer <= 0) {
            throw new UnreadableException("no pointer");
        }
        return pointer;
    }

    private Method read(Method.Identity identity, byte[] head) throws UnreadableException {
        long poolLength = layout.poolLength.at(reader, identity.pool());
        String raw = symbols.read(identity.className());
        String name = symbols.read(inPool(identity.pool(), poolLength, identity.name()));
        String signature = symbols.read(inPool(identity.pool(), poolLength, identity.signature()));
        if (!isClassName(raw) || !isMethodName(name) || !isSignature(signature)) {
            throw new UnreadableException("no names of a method");
        }
        int codeSize = (int) layout.codeSize.in(head);
        long bytes = layout.constMethodWords.in(head) * 8;
        if (bytes < layout.constMethodBytes + codeSize || bytes > MAX_CONST_METHOD_BYTES) {
            throw new UnreadableException("no ConstMethod");
        }
        LineTable lines = LineTable.NONE;
        if ((layout.constMethodFlags.in(head) & layout.hasLineTable) != 0) {
            int start = layout.constMethodBytes + codeSize;
            byte[] table = reader.bytes(identity.constMethod() + start, (int) bytes - start);
            lines = LineTable.read(table, 0, table.length, layout.withoutZeroBytes);
        }
        return new Method(
                JavaNames.normalized(raw) + "." + name,
                raw + "." + name + signature,
                file(identity, poolLength),
                lines,
                codeSize,
                identity);
    }

    private String file(Method.Identity identity, long poolLength) {
        try {
            int index =
                    (int)
                            (layout.poolSourceFile.exists()
                                    ? layout.poolSourceFile.at(reader, identity.pool())
                                    : layout.klassSourceFile.at(reader, identity.holder()));
            return index == 0 ? "" : symbols.read(inPool(identity.pool(), poolLength, index));
        } catch (UnreadableException e) {
            return ""; // hidden classes have none
        }
    }

    /** The symbol in an entry of a constant pool. */
    private long inPool(long pool, long length, int index) throws UnreadableException {
        if (index <= 0 || index >= length) {
            throw new UnreadableException("no such constant");
        }
        // The lowest bit tells resolved entries from others in some releases.
        return aligned(reader.pointer(pool + layout.poolBytes + 8L * index) & ~1L);
    }

    /** JVMS 4.2.1, with the address of hidden classes. */
    private static boolean isClassName(String name) {
        return !name.isEmpty()
                && name.indexOf(';') < 0
                && name.indexOf('[') < 0
                && name.charAt(0) != '/';
    }

    /** JVMS 4.2.2. */
    private static boolean isMethodName(String name) {
        if (name.equals("<init>") || name.equals("<clinit>")) {
            return true;
        }
        for (int i = 0; i < name.length(); i++) {
            if (".;[/<>".indexOf(name.charAt(i)) >= 0) {
                return false;
            }
        }
        return !name.isEmpty();
    }

    private static boolean isSignature(String signature) {
        return signature.startsWith("(") && signature.indexOf(')') > 0;
    }

    void keepAtMost(int bytes) {
        cached.keepAtMost(bytes);
    }

    void forget() {
        cached.clear();
    }
}
