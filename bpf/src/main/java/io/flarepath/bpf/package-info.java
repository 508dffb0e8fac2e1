/** Samples of all CPUs, and the coming and going of processes, from BPF programs. */
@NullMarked
package io.flarepath.bpf;

import org.jspecify.annotations.NullMarked;
