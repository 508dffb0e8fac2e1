package io.flarepath.symbolizer.live.hotspot;

/**
 * What an unwinder needs to know to walk the frames of one JVM. Offsets are in bytes from the start
 * of the structure that is named, -1 where the VM has no such field; widths are in bytes.
 *
 * @param javaMajor feature release: 8, 11, 17, …
 * @param segmentShift binary logarithm of the size of a segment of the code heaps
 * @param blockHeaderBytes sizeof(HeapBlock): what stands before the blob in its first segment
 * @param nameOffset CodeBlob._name, a pointer to a C string
 * @param sizeOffset CodeBlob._size, 4 bytes: of the whole blob with its header
 * @param frameSizeOffset CodeBlob._frame_size, signed, in words of 8 bytes; -1 in the field of some
 *     stubs, of which it is not known
 * @param frameSizeBytes its width
 * @param frameCompleteOffset CodeBlob._frame_complete_offset: bytes of code from the code's begin
 *     on, until the frame is complete; -1 in the field where it never is
 * @param frameCompleteBytes its width; the number is signed
 * @param codeBeginIsPointer whether the next field is an address; otherwise it counts from the
 *     start of the blob
 * @param codeBeginOffset CodeBlob._code_begin or CodeBlob._code_offset
 * @param codeBeginBytes its width
 * @param compileIdOffset nmethod._compile_id, 4 bytes
 * @param origPcOffset nmethod._orig_pc_offset: where above sp the pc of a deoptimised frame is kept
 * @param origPcBytes its width
 * @param deoptIsPointer whether the deoptimisation handlers are addresses; otherwise they count
 *     from the start of the nmethod. Without a handler, as wrappers of native methods are, it is 0,
 *     -1, or the start of the nmethod itself
 * @param deoptOffset the field of the handler to which return addresses of deoptimised frames point
 * @param deoptBytes its width
 * @param deoptMhOffset the same for calls by method handles; -1 where there is no such field
 * @param deoptMhBytes its width, or 0
 * @param constMethodOffset Method._constMethod, a pointer
 * @param constMethodBytes sizeof(ConstMethod): the bytecodes stand behind it
 * @param codeSizeOffset ConstMethod._code_size, 2 bytes: length of the bytecodes
 * @param bcpSlot word of an interpreted frame, counted from its frame pointer, that has the address
 *     of the bytecode (x86-64)
 * @param nmethodName the pointer in the name field of every compiled method; 0 while none was seen
 * @param nativeNmethodName the same for wrappers of native methods
 * @param interpreterName the same for the interpreter
 * @param callStubStart where the code begins by which C++ calls Java, or 0
 * @param callStubEnd the address behind it, or 0
 * @param callStubReturn the return address that a Java frame has which C++ called
 * @param returnBarrierStart begin of the code to which the last frame of a virtual thread returns
 *     while its callers are frozen on the heap, or 0
 * @param returnBarrierEnd the address behind it, or 0
 */
public record UnwindFacts(
        int javaMajor,
        int segmentShift,
        int blockHeaderBytes,
        int nameOffset,
        int sizeOffset,
        int frameSizeOffset,
        int frameSizeBytes,
        int frameCompleteOffset,
        int frameCompleteBytes,
        boolean codeBeginIsPointer,
        int codeBeginOffset,
        int codeBeginBytes,
        int compileIdOffset,
        int origPcOffset,
        int origPcBytes,
        boolean deoptIsPointer,
        int deoptOffset,
        int deoptBytes,
        int deoptMhOffset,
        int deoptMhBytes,
        int constMethodOffset,
        int constMethodBytes,
        int codeSizeOffset,
        int bcpSlot,
        long nmethodName,
        long nativeNmethodName,
        long interpreterName,
        long callStubStart,
        long callStubEnd,
        long callStubReturn,
        long returnBarrierStart,
        long returnBarrierEnd) {}
