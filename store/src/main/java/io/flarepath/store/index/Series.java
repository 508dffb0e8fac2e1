package io.flarepath.store.index;

import io.flarepath.store.profile.Labels;
import java.util.BitSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * One set of labels, and in which windows it has profiles of which type. Guarded by itself; the
 * windows grow under the lock of the service's writer.
 */
public final class Series {
    private final int id;
    private final int service;
    private final Labels labels;
    private final TreeMap<Integer, WindowRuns> windows = new TreeMap<>();

    Series(int id, int service, Labels labels) {
        this.id = id;
        this.service = service;
        this.labels = labels;
    }

    /** Its number in the tenant. */
    public int id() {
        return id;
    }

    /** The number of its service. */
    public int service() {
        return service;
    }

    /** Its labels. */
    public Labels labels() {
        return labels;
    }

    /** Whether it has profiles of a type in a window. */
    public synchronized boolean has(int type, int window) {
        WindowRuns runs = windows.get(type);
        return runs != null && runs.contains(window);
    }

    /** The first window at or after one with profiles of a type, or -1. */
    public synchronized int firstWindow(int type, int from) {
        WindowRuns runs = windows.get(type);
        return runs == null ? -1 : runs.firstFrom(from);
    }

    /** The last window with profiles of a type, or -1. */
    public synchronized int lastWindow(int type) {
        WindowRuns runs = windows.get(type);
        return runs == null || runs.isEmpty() ? -1 : runs.last();
    }

    /** The types of which it has profiles in windows {@code [from, until)}. */
    synchronized Set<Integer> typesIn(int from, int until) {
        Set<Integer> types = new TreeSet<>();
        windows.forEach((type, runs) -> {
            if (runs.intersects(from, until)) {
                types.add(type);
            }
        });
        return types;
    }

    /** Whether it has profiles of a type in windows {@code [from, until)}. */
    public synchronized boolean has(int type, int from, int until) {
        WindowRuns runs = windows.get(type);
        return runs != null && runs.intersects(from, until);
    }

    synchronized void addBuckets(BitSet buckets, int length) {
        windows.values().forEach(runs -> runs.addBuckets(buckets, length));
    }

    synchronized void add(int type, int window) {
        windows.computeIfAbsent(type, key -> new WindowRuns()).add(window);
    }

    synchronized void add(int type, int from, int until) {
        WindowRuns runs = windows.computeIfAbsent(type, key -> new WindowRuns());
        for (int window = from; window < until; window++) {
            runs.add(window);
        }
    }

    /** Forgets windows before one. */
    synchronized void removeBefore(int window) {
        windows.values().forEach(runs -> runs.removeBefore(window));
        windows.values().removeIf(WindowRuns::isEmpty);
    }

    synchronized boolean isEmpty() {
        return windows.isEmpty();
    }

    /** First window of any type, or -1. */
    synchronized int firstWindow() {
        int first = -1;
        for (WindowRuns runs : windows.values()) {
            int window = runs.firstFrom(0);
            first = first < 0 ? window : Math.min(first, window);
        }
        return first;
    }

    /** Last window of any type, or -1. */
    synchronized int lastWindow() {
        return windows.values().stream().mapToInt(WindowRuns::last).max().orElse(-1);
    }
}
