package io.flarepath.symbolizer.live.hotspot;

import java.util.stream.Stream;

/**
 * Where the fields are that naming and unwinding need, as one VM tells it. What differs between
 * releases:
 *
 * <ul>
 *   <li>8: one code heap; offsets in the nmethod count from its start
 *   <li>9: up to three code heaps; CompiledMethod between CodeBlob and nmethod; pointers to the
 *       code
 *   <li>15: the source file's name moves from InstanceKlass to ConstantPool
 *   <li>16: GrowableArrayBase
 *   <li>20: UNSIGNED5 without zero bytes
 *   <li>21: flags of ConstMethod in a structure
 *   <li>23: no CompiledMethod, offsets again; scopes and pcs in immutable data beside the nmethod
 *   <li>25: metadata in mutable data beside the nmethod
 *   <li>26: _deopt_handler_entry_offset
 * </ul>
 */
final class Layout {
    /** From this release on no byte of a compressed number is zero (JDK-8292758). */
    private static final int WITHOUT_ZERO_BYTES = 20;

    /** From this release on interpreted frames hold the mirror of the class too. */
    private static final int WITH_MIRROR = 9;

    final int javaMajor;

    final int heapBlockBytes;
    final VmField heapMemory;
    final VmField heapSegmentMap;
    final VmField heapSegmentShift;
    final VmField spaceLow;
    final VmField spaceHigh;
    final VmField spaceCommitted;

    final int blobBytes;
    final VmField blobName;
    final VmField blobSize;
    final VmField blobFrameSize;
    final VmField blobFrameComplete;
    final VmField blobCodeBegin;
    final boolean codeBeginIsPointer;
    final VmField blobDataOffset;
    final VmField blobRelocationSize;
    final VmField blobMutableData;
    final VmField blobMutableDataSize;

    final int nmethodBytes;
    final VmField method;
    final VmField compileId;
    final VmField origPc;
    final VmField deopt;
    final boolean deoptIsPointer;
    final VmField deoptMh;
    final VmField metadataOffset;
    final VmField scopesData;
    final boolean scopesDataIsPointer;
    final VmField scopesPcs;
    final VmField dependencies;
    final VmField immutableData;
    final VmField immutableDataSize;

    final int pcDescBytes;
    final VmField pcOffset;
    final VmField pcScope;

    final VmField constMethod;
    final int constMethodBytes;
    final VmField constMethodWords;
    final VmField constants;
    final VmField codeSize;
    final VmField constMethodFlags;
    final long hasLineTable;
    final VmField nameIndex;
    final VmField signatureIndex;

    final int poolBytes;
    final VmField poolHolder;
    final VmField poolLength;
    final VmField poolSourceFile;
    final VmField klassSourceFile;
    final VmField klassName;
    final VmField symbolLength;
    final int symbolBody;

    final boolean withoutZeroBytes;
    final int bcpSlot;

    Layout(VmTables vm, int javaMajor) throws UnknownLayoutException {
        this.javaMajor = javaMajor;
        heapBlockBytes = vm.sizeOf("HeapBlock");
        if (heapBlockBytes != 8 && heapBlockBytes != 16) {
            throw new UnknownLayoutException("HeapBlock has " + heapBlockBytes + " bytes");
        }
        heapMemory = vm.field("CodeHeap::_memory");
        heapSegmentMap = vm.field("CodeHeap::_segmap");
        heapSegmentShift = vm.field(4, "CodeHeap::_log2_segment_size");
        spaceLow = vm.field(8, "VirtualSpace::_low_boundary");
        spaceHigh = vm.field(8, "VirtualSpace::_high_boundary");
        spaceCommitted = vm.field(8, "VirtualSpace::_high");

        blobBytes = vm.sizeOf("CodeBlob");
        blobName = vm.field(8, "CodeBlob::_name");
        blobSize = vm.field(4, "CodeBlob::_size");
        blobFrameSize = vm.number("CodeBlob::_frame_size");
        blobFrameComplete = vm.number("CodeBlob::_frame_complete_offset");
        codeBeginIsPointer = vm.optional("CodeBlob::_code_begin").exists();
        blobCodeBegin = vm.number("CodeBlob::_code_begin", "CodeBlob::_code_offset");
        blobDataOffset = vm.optional("CodeBlob::_data_offset");
        blobRelocationSize = vm.optional("CodeBlob::_relocation_size");
        blobMutableData = vm.optional("CodeBlob::_mutable_data");
        blobMutableDataSize = vm.optional("CodeBlob::_mutable_data_size");

        nmethodBytes = vm.sizeOf("nmethod");
        method = vm.field(8, "nmethod::_method", "CompiledMethod::_method");
        compileId = vm.field(4, "nmethod::_compile_id");
        origPc = vm.number("nmethod::_orig_pc_offset");
        deopt =
                vm.number(
                        "CompiledMethod::_deopt_handler_begin",
                        "nmethod::_deopt_handler_begin",
                        "nmethod::_deopt_handler_offset",
                        "nmethod::_deopt_handler_entry_offset",
                        "nmethod::_deoptimize_offset");
        deoptIsPointer = deopt.bytes() == 8;
        deoptMh =
                vm.optional(
                        "CompiledMethod::_deopt_mh_handler_begin",
                        "nmethod::_deopt_mh_handler_begin",
                        "nmethod::_deopt_mh_handler_offset",
                        "nmethod::_deoptimize_mh_offset");
        metadataOffset = vm.optional("nmethod::_metadata_offset");
        immutableData = vm.optional("nmethod::_immutable_data");
        scopesData =
                vm.number(
                        "CompiledMethod::_scopes_data_begin",
                        "nmethod::_scopes_data_begin",
                        "nmethod::_scopes_data_offset");
        scopesDataIsPointer = scopesData.bytes() == 8;
        scopesPcs = vm.number("nmethod::_scopes_pcs_offset");
        if (immutableData.exists()) {
            immutableDataSize = vm.number("nmethod::_immutable_data_size");
            dependencies = VmField.ABSENT;
        } else {
            immutableDataSize = VmField.ABSENT;
            dependencies = vm.number("nmethod::_dependencies_offset");
        }
        if (!metadataOffset.exists()) {
            for (VmField field :
                    new VmField[] {blobMutableData, blobMutableDataSize, blobRelocationSize}) {
                if (field.bytes() == 0) {
                    throw new UnknownLayoutException(
                            "the VM has neither nmethod::_metadata_offset nor CodeBlob::"
                                    + "_mutable_data, _mutable_data_size, _relocation_size");
                }
            }
        } else if (immutableData.exists() && blobDataOffset.bytes() == 0) {
            throw new UnknownLayoutException("the VM has no field CodeBlob::_data_offset");
        }

        pcDescBytes = vm.sizeOf("PcDesc");
        pcOffset = vm.field(4, "PcDesc::_pc_offset");
        pcScope = vm.field(4, "PcDesc::_scope_decode_offset");

        constMethod = vm.field(8, "Method::_constMethod");
        constMethodBytes = vm.sizeOf("ConstMethod");
        constMethodWords = vm.field(4, "ConstMethod::_constMethod_size");
        constants = vm.field(8, "ConstMethod::_constants");
        codeSize = vm.field(2, "ConstMethod::_code_size");
        constMethodFlags = vm.number("ConstMethod::_flags", "ConstMethod::_flags._flags");
        hasLineTable =
                vm.constant(
                        1,
                        "ConstMethod::_has_linenumber_table",
                        "ConstMethodFlags::_misc_has_linenumber_table");
        nameIndex = vm.field(2, "ConstMethod::_name_index");
        signatureIndex = vm.field(2, "ConstMethod::_signature_index");

        poolBytes = vm.sizeOf("ConstantPool");
        poolHolder = vm.field(8, "ConstantPool::_pool_holder");
        poolLength = vm.field(4, "ConstantPool::_length");
        poolSourceFile = vm.optional("ConstantPool::_source_file_name_index");
        klassSourceFile = vm.optional("InstanceKlass::_source_file_name_index");
        if (poolSourceFile.bytes() == 0 && klassSourceFile.bytes() == 0) {
            throw new UnknownLayoutException(
                    "the VM has no field ConstantPool::_source_file_name_index or"
                            + " InstanceKlass::_source_file_name_index");
        }
        klassName = vm.field(8, "Klass::_name");
        symbolLength = symbolLength(vm);
        symbolBody = vm.field("Symbol::_body", "Symbol::_body[0]").offset();

        withoutZeroBytes = javaMajor >= WITHOUT_ZERO_BYTES;
        bcpSlot = javaMajor >= WITH_MIRROR ? -8 : -7;
        checkEnds();
    }

    /** From 12 to 16 the length is the upper half of a word that it shares with a count. */
    private static VmField symbolLength(VmTables vm) throws UnknownLayoutException {
        VmField own = vm.optional("Symbol::_length");
        if (own.bytes() == 2) {
            return own;
        }
        VmField shared = vm.field(4, "Symbol::_length_and_refcount");
        return new VmField(shared.offset() + 2, 2, false);
    }

    /** Fields that lie outside of the structure to which they belong are not believed. */
    private void checkEnds() throws UnknownLayoutException {
        boolean inside =
                Stream.of(
                                        blobName,
                                        blobSize,
                                        blobFrameSize,
                                        blobFrameComplete,
                                        blobCodeBegin,
                                        blobDataOffset,
                                        blobRelocationSize,
                                        blobMutableData,
                                        blobMutableDataSize)
                                .allMatch(field -> field.end() <= blobBytes)
                        && Stream.of(
                                        method,
                                        compileId,
                                        origPc,
                                        deopt,
                                        deoptMh,
                                        metadataOffset,
                                        scopesData,
                                        scopesPcs,
                                        dependencies,
                                        immutableData,
                                        immutableDataSize)
                                .allMatch(field -> field.end() <= nmethodBytes)
                        && blobBytes <= nmethodBytes
                        && pcOffset.end() <= pcDescBytes
                        && pcScope.end() <= pcDescBytes
                        && Stream.of(
                                        constMethodWords,
                                        constants,
                                        codeSize,
                                        constMethodFlags,
                                        nameIndex,
                                        signatureIndex)
                                .allMatch(field -> field.end() <= constMethodBytes)
                        && poolHolder.end() <= poolBytes
                        && poolLength.end() <= poolBytes
                        && poolSourceFile.end() <= poolBytes;
        if (!inside) {
            throw new UnknownLayoutException(
                    "the VM describes fields that lie outside of their structure");
        }
    }
}
