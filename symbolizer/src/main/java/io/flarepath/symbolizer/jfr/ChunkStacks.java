package io.flarepath.symbolizer.jfr;

import io.flarepath.symbolizer.Frame;
import io.flarepath.symbolizer.FrameKind;
import io.flarepath.symbolizer.JavaNames;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongConsumer;

/** Names the stack traces of one chunk. A key means something within its chunk only. */
final class ChunkStacks {
    /** async-profiler cuts at 2,048, the JDK at what {@code stackdepth} says. */
    private static final int MOST_FRAMES = 1 << 16;

    private static final int BYTES_A_METHOD = 200;

    private final ConstantPools pools;
    private final RecordedStacks stacks;
    private final LongConsumer memory;
    private final KeyIndex known;
    private final Map<Long, Method> methods = new HashMap<>();
    private final Map<Long, String> frameTypes = new HashMap<>();
    private final Map<Place, Integer> places = new HashMap<>();
    private final Map<Place, Integer> unnamed = new LinkedHashMap<>();
    private final FieldValues scratch = new FieldValues();
    private final FieldValues methodValues = new FieldValues();
    private int[] frames = new int[256];

    /**
     * A method or a function.
     *
     * @param function its stored name
     * @param mapping executable of native code, or empty
     * @param isJava whether it has bytecode
     * @param isKernel whether it is a function of the kernel
     */
    private record Method(String function, String mapping, boolean isJava, boolean isKernel) {}

    private record Place(long method, int line, long type) {}

    ChunkStacks(ConstantPools pools, RecordedStacks stacks, LongConsumer memory) {
        this.pools = pools;
        this.stacks = stacks;
        this.memory = memory;
        this.known = new KeyIndex(memory);
    }

    /** The number of a stack trace in the recording's table. */
    int stack(long key) throws IOException {
        long there = known.get(key);
        if (there >= 0) {
            return (int) there;
        }
        int[] depth = {0};
        ConstantPools.StackEnd end =
                pools.stackTrace(key, scratch, values -> depth[0] = push(depth[0], values));
        int frameCount = depth[0];
        if (end == ConstantPools.StackEnd.TRUNCATED) {
            frameCount = push(frameCount, stacks.number(Frame.error("truncated in the recording")));
        } else if (end == ConstantPools.StackEnd.ABSENT || frameCount == 0) {
            frameCount = push(frameCount, stacks.number(Frame.error("no stack recorded")));
        }
        nameFrames(frameCount);
        int stack = stacks.add(frames, frameCount);
        known.put(key, stack);
        return stack;
    }

    /** Places are gathered first and named afterwards: the pools are read by one cursor. */
    private int push(int depth, FieldValues values) throws MalformedRecordingException {
        Place place =
                new Place(
                        values.number(FieldSlot.METHOD),
                        Math.max(0, (int) values.number(FieldSlot.LINE_NUMBER)),
                        values.number(FieldSlot.TYPE));
        Integer number = places.getOrDefault(place, unnamed.get(place));
        if (number == null) {
            memory.accept(120);
            number = -1 - unnamed.size();
            unnamed.put(place, number);
        }
        return push(depth, number);
    }

    private int push(int depth, int number) throws MalformedRecordingException {
        if (depth == MOST_FRAMES) {
            throw new MalformedRecordingException(
                    "a stack has more than " + MOST_FRAMES + " frames");
        }
        if (depth == frames.length) {
            frames = Arrays.copyOf(frames, depth * 2);
        }
        frames[depth] = number;
        return depth + 1;
    }

    private void nameFrames(int depth) throws IOException {
        if (unnamed.isEmpty()) {
            return;
        }
        int[] named = new int[unnamed.size()];
        int next = 0;
        for (Place place : unnamed.keySet()) {
            int number = stacks.number(frame(place));
            named[next++] = number;
            places.put(place, number);
        }
        for (int i = 0; i < depth; i++) {
            if (frames[i] < 0) {
                frames[i] = named[-1 - frames[i]];
            }
        }
        unnamed.clear();
    }

    private Frame frame(Place place) throws IOException {
        Method method = method(place.method());
        if (!method.isJava()) {
            FrameKind kind = method.isKernel() ? FrameKind.KERNEL : FrameKind.NATIVE;
            return new Frame(method.function(), "", 0, method.mapping(), "", 0, kind, false);
        }
        boolean inlined = frameType(place.type()).equals("Inlined");
        return new Frame(method.function(), "", place.line(), "", "", 0, FrameKind.JVM, inlined);
    }

    private Method method(long key) throws IOException {
        Method method = methods.get(key);
        if (method == null) {
            method = read(key);
            memory.accept(BYTES_A_METHOD + 2L * method.function().length());
            methods.put(key, method);
        }
        return method;
    }

    /**
     * async-profiler marks code without bytecode by a descriptor that no method can have: {@code
     * ()L;} for native code, {@code (Lk;)L;} for the kernel, {@code (Ll;)L;} for a library's name
     * (src/flightRecorder.cpp). Its class is then the executable.
     */
    private Method read(long key) throws IOException {
        if (!pools.read(ConstantPools.Pool.METHOD, key, methodValues)) {
            return new Method("[method is not in the recording]", "", false, false);
        }
        long type = methodValues.number(FieldSlot.TYPE);
        long name = methodValues.number(FieldSlot.NAME);
        String descriptor = pools.symbol(methodValues.number(FieldSlot.DESCRIPTOR));
        String className = pools.className(type);
        String methodName = pools.symbol(name);
        if (descriptor.endsWith(")L;")) {
            String function = methodName.isEmpty() ? className : methodName;
            return new Method(
                    JavaNames.normalized(function.isEmpty() ? "[unnamed]" : function),
                    JavaNames.normalized(className),
                    false,
                    descriptor.equals("(Lk;)L;"));
        }
        // The JDK writes hidden classes with dots.
        String owner = JavaNames.normalized(className).replace('.', '/');
        return new Method(owner.isEmpty() ? methodName : owner + "." + methodName, "", true, false);
    }

    private String frameType(long key) throws IOException {
        String known = frameTypes.get(key);
        if (known == null) {
            FieldValues values = new FieldValues();
            boolean there = pools.read(ConstantPools.Pool.FRAME_TYPE, key, values);
            known = there ? values.text(FieldSlot.DESCRIPTION) : "";
            memory.accept(100 + 2L * known.length());
            frameTypes.put(key, known);
        }
        return known;
    }
}
