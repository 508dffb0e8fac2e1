package io.flarepath.agent.unwind;

import java.nio.ByteBuffer;

/** The unwinder's memory in the kernel; {@link io.flarepath.bpf.UnwindMaps} is it. */
public interface UnwindMemory {
    /** All rules. */
    ByteBuffer rules();

    /** Descriptors of pages of code. */
    ByteBuffer pages();

    /** Descriptors of executables. */
    ByteBuffer executables();

    /** Rows of mappings. */
    ByteBuffer mappings();

    /** Descriptions of code heaps. */
    ByteBuffer codeHeaps();

    /**
     * Rows of rules; made when it is first asked for.
     *
     * @throws io.flarepath.bpf.BpfException when the kernel has no memory for it
     */
    ByteBuffer segment(int number);

    /** Tells where the mappings of a process lie. */
    void setProcess(int pid, long image, int first, int count, long generation, boolean unwalkable);

    /** Forgets a process, if the number still belongs to this image. */
    void removeProcess(int pid, long image);

    /** Goes on with the walk of a sample; gives the bytes of what it is then. */
    int resume(ByteBuffer from, int position, int first, int count, long generation, ByteBuffer to);
}
