package io.flarepath.bpf;

/**
 * One thing that this kernel gives to this process, or not.
 *
 * @param name what it is
 * @param present whether it was there when it was tried
 * @param detail what was found, or what the kernel said
 * @param cost what is lost without it, or what it is needed for
 */
public record Capability(String name, boolean present, String detail, String cost) {}
