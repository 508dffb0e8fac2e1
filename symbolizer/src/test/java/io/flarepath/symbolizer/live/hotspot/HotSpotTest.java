package io.flarepath.symbolizer.live.hotspot;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.symbolizer.Frame;
import io.flarepath.symbolizer.FrameKind;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Real JVMs are named from outside as they name themselves through jcmd. */
@Tag("slow")
@Timeout(value = 90, unit = TimeUnit.SECONDS)
final class HotSpotTest {
    /** Methods that the VM compiled before it is asked. */
    private static final int WANTED = 200;

    @TempDir static Path directory;

    @ParameterizedTest
    @CsvSource({
        "17, -XX:+UseSerialGC -XX:+SegmentedCodeCache",
        "17, -XX:+UseParallelGC -XX:-SegmentedCodeCache",
        "17, -XX:+UseG1GC -XX:TieredStopAtLevel=1",
        "17, -XX:+UseZGC",
        "25, -XX:+UseSerialGC -XX:-SegmentedCodeCache",
        "25, -XX:+UseParallelGC -XX:+SegmentedCodeCache",
        "25, -XX:+UseG1GC -XX:-TieredCompilation",
        "25, -XX:+UseZGC",
        "25, -XX:+UseSerialGC -XX:+UseCompactObjectHeaders",
    })
    void compiledMethodsHaveTheNamesThatTheVmGivesThem(int major, String options) throws Exception {
        try (ObservedJvm jvm = ObservedJvm.start(directory, major, options.split(" ", -1))) {
            HotSpot vm = jvm.open();
            assertThat(vm.unwindFacts().javaMajor()).isEqualTo(major);
            assertThat(vm.version()).startsWith(major + ".");
            Map<Integer, ObservedJvm.Listed> listed = jvm.codeList();
            for (int i = 0; i < 100 && listed.size() < 2 * WANTED; i++) {
                Thread.sleep(100);
                listed = jvm.codeList();
            }
            assertThat(vm.selfCheck()).isEmpty();
            int same = 0;
            Set<Integer> replaced = new TreeSet<>();
            List<String> wrong = new ArrayList<>();
            long nanos = -cpuNanos();
            for (ObservedJvm.Listed expected : listed.values()) {
                Frame own = vm.compiled(expected.code() + 1, expected.compileId(), false).getLast();
                if (own.function().equals("[code replaced]")) {
                    replaced.add(expected.compileId());
                } else if (external(own).equals(expected.method())
                        && !own.inlined()
                        && own.kind() == FrameKind.JVM) {
                    same++;
                } else {
                    wrong.add(expected.method() + " was " + own);
                }
            }
            nanos += cpuNanos();
            long warm = -cpuNanos();
            for (ObservedJvm.Listed again : listed.values()) {
                vm.compiled(again.code() + 1, again.compileId(), false);
            }
            warm += cpuNanos();
            System.out.printf(
                    "JDK %d %s: %d of %d nmethods named, %d replaced, %d ns of CPU each, %d ns again%n",
                    major,
                    options,
                    same,
                    listed.size(),
                    replaced.size(),
                    nanos / listed.size(),
                    warm / listed.size());
            assertThat(wrong).isEmpty();
            assertThat(same).isGreaterThanOrEqualTo(WANTED);
            assertThat(replaced.size() * 5).isLessThanOrEqualTo(listed.size());
            if (!replaced.isEmpty()) {
                assertThat(jvm.codeList().keySet()).doesNotContainAnyElementsOf(replaced);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 25})
    void everyPlaceOfAHotMethodHasACallChainOfTheProgram(int major) throws Exception {
        try (ObservedJvm jvm = ObservedJvm.start(directory, major, "-XX:+UseSerialGC")) {
            HotSpot vm = jvm.open();
            Set<String> allowed = allowedChains();
            Set<String> seen = new TreeSet<>();
            for (int i = 0; i < 100 && seen.stream().noneMatch(HotSpotTest::isDeep); i++) {
                Thread.sleep(100);
                for (ObservedJvm.Listed listed : jvm.codeList().values()) {
                    if (!listed.method().startsWith("HotCalls.hot(")) {
                        continue;
                    }
                    for (long pc = listed.code(); pc < listed.end(); pc++) {
                        for (boolean leaf : new boolean[] {true, false}) {
                            List<Frame> frames = vm.compiled(pc, listed.compileId(), leaf);
                            if (frames.getFirst().kind() == FrameKind.JVM) {
                                seen.add(chain(frames));
                                assertThat(frames.getFirst().file()).isEqualTo("HotCalls.java");
                            }
                        }
                    }
                }
            }
            assertThat(seen).isSubsetOf(allowed).anyMatch(HotSpotTest::isDeep);
        }
    }

    @ParameterizedTest
    @CsvSource({"17, false", "25, false", "17, true", "25, true"})
    void onlyALeafBetweenTwoPlacesHasAnApproximateLine(int major, boolean keepsAll)
            throws Exception {
        String[] options =
                keepsAll
                        ? new String[] {
                            "-XX:+UseSerialGC",
                            "-XX:+UnlockDiagnosticVMOptions",
                            "-XX:+DebugNonSafepoints"
                        }
                        : new String[] {"-XX:+UseSerialGC"};
        try (ObservedJvm jvm = ObservedJvm.start(directory, major, options)) {
            HotSpot vm = jvm.open();
            int near = 0;
            int exact = 0;
            for (int i = 0; i < 100 && exact == 0; i++) {
                Thread.sleep(100);
                for (ObservedJvm.Listed listed : jvm.codeList().values()) {
                    if (!listed.method().startsWith("HotCalls.hot(")) {
                        continue;
                    }
                    for (long pc = listed.code(); pc < listed.end(); pc++) {
                        List<Frame> leaf = vm.compiled(pc, listed.compileId(), true);
                        near += leaf.getFirst().approximateLine() ? 1 : 0;
                        exact += leaf.getFirst().approximateLine() ? 0 : 1;
                        assertThat(leaf.subList(1, leaf.size())).noneMatch(Frame::approximateLine);
                        assertThat(vm.compiled(pc, listed.compileId(), false))
                                .noneMatch(Frame::approximateLine);
                    }
                }
            }
            assertThat(exact).isPositive();
            assertThat(near > 0).isEqualTo(!keepsAll);
        }
    }

    private static boolean isDeep(String chain) {
        return chain.split("<", -1).length == 3;
    }

    /** Innermost first: method and line. */
    private static String chain(List<Frame> frames) {
        StringJoiner chain = new StringJoiner(" < ");
        for (int i = 0; i < frames.size(); i++) {
            Frame frame = frames.get(i);
            assertThat(frame.inlined()).isEqualTo(i + 1 < frames.size());
            chain.add(frame.function() + ":" + frame.line());
        }
        return chain.toString();
    }

    private static Set<String> allowedChains() {
        List<String> first = places("HotCalls.first", "int a = x * 31;", "return a + table[");
        List<String> second = places("HotCalls.second", "int b = first(x", "return b ^ table[");
        List<String> hot =
                places(
                        "HotCalls.hot",
                        "int sum = 0;",
                        "for (int i = 0; i < n; i++) {",
                        "sum += first(i);",
                        "sum -= second(i);",
                        "return sum;");
        Set<String> allowed = new TreeSet<>(hot);
        allowed.add("HotCalls.hot:0"); // handlers behind the code
        for (String place : first) {
            allowed.add(place + " < " + hot.get(2));
            allowed.add(place + " < " + second.getFirst() + " < " + hot.get(3));
        }
        for (String place : second) {
            allowed.add(place + " < " + hot.get(3));
        }
        return allowed;
    }

    private static List<String> places(String method, String... lines) {
        List<String> program = ObservedJvm.PROGRAM.lines().map(String::strip).toList();
        List<String> places = new ArrayList<>();
        for (String line : lines) {
            for (int i = 0; i < program.size(); i++) {
                if (program.get(i).startsWith(line)) {
                    places.add(method + ":" + (i + 1));
                    break;
                }
            }
        }
        assertThat(places).hasSize(lines.length);
        return places;
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 25})
    void interpretedFramesAreNamedByTheirMethod(int major) throws Exception {
        try (ObservedJvm jvm = ObservedJvm.start(directory, major)) {
            HotSpot vm = jvm.open();
            MemoryReader reader = new MemoryReader(jvm.memory);
            VmTables tables =
                    Objects.requireNonNull(VmTables.read(reader, jvm.library(), jvm.bias()));
            Layout layout = new Layout(tables, major);
            int named = 0;
            boolean first = false;
            for (int i = 0; i < 100 && !first; i++) {
                Thread.sleep(100);
                for (ObservedJvm.Listed listed : jvm.codeList().values()) {
                    long method;
                    try {
                        method = layout.method.at(reader, listed.blob());
                    } catch (UnreadableException e) {
                        continue;
                    }
                    Frame own = vm.compiled(listed.code(), listed.compileId(), true).getLast();
                    if (own.kind() == FrameKind.ERROR) {
                        continue; // replaced meanwhile
                    }
                    Frame frame = vm.interpreted(method, -1);
                    assertThat(external(frame)).isEqualTo(listed.method());
                    assertThat(frame.line()).isZero();
                    named++;
                    for (long near : new long[] {8, 16, 64, 1, -8}) {
                        assertThat(vm.interpreted(method + near, 0).kind())
                                .isEqualTo(FrameKind.ERROR);
                    }
                    if (frame.function().equals("HotCalls.first")) {
                        first = true;
                        String line = places("HotCalls.first", "int a = x * 31;").getFirst();
                        assertThat(chain(List.of(vm.interpreted(method, 0)))).isEqualTo(line);
                        assertThat(vm.interpreted(method, 60_000).line()).isZero();
                    }
                }
            }
            assertThat(first).isTrue();
            assertThat(named).isGreaterThan(100);
            for (long wrong :
                    new long[] {0, -1, 8, Long.MIN_VALUE, vm.codeHeaps().getFirst().start()}) {
                assertThat(vm.interpreted(wrong, 0).function()).isEqualTo("[no method]");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 25})
    void deoptimisationHandlersAreWhereTheCompilersPutThem(int major) throws Exception {
        try (ObservedJvm jvm = ObservedJvm.start(directory, major)) {
            UnwindFacts facts = jvm.open().unwindFacts();
            Thread.sleep(1000);
            int handlers = 0;
            int calls = 0;
            MemoryReader reader = new MemoryReader(jvm.memory);
            for (ObservedJvm.Listed listed : jvm.codeList().values()) {
                try {
                    long handler =
                            reader.number(
                                    listed.blob() + facts.deoptOffset(), facts.deoptBytes(), true);
                    if (handler <= 0 || handler == listed.blob()) {
                        continue; // a wrapper of a native method
                    }
                    byte[] code =
                            reader.bytes(
                                    facts.deoptIsPointer() ? handler : listed.blob() + handler, 5);
                    handlers++;
                    // C2: call to the next instruction; C1: push of its own address.
                    boolean c2 = (code[0] & 0xff) == 0xe8 && MemoryReader.i32(code, 1) == 0;
                    boolean c1 = (code[0] & 0xff) == 0x49 && (code[1] & 0xff) == 0xba;
                    calls += c1 || c2 ? 1 : 0;
                } catch (UnreadableException e) {
                    // replaced meanwhile
                }
            }
            assertThat(handlers).isGreaterThan(100);
            assertThat(calls * 50).isGreaterThan(handlers * 49);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 25})
    void stubsHaveNames(int major) throws Exception {
        try (ObservedJvm jvm = ObservedJvm.start(directory, major)) {
            HotSpot vm = jvm.open();
            Thread.sleep(1000);
            MemoryReader reader = new MemoryReader(jvm.memory);
            VmTables tables =
                    Objects.requireNonNull(VmTables.read(reader, jvm.library(), jvm.bias()));
            CodeBlobs blobs = new CodeBlobs(reader, tables, new Layout(tables, major));
            assertThat(blobs.readHeaps()).isTrue();
            Set<String> names = new TreeSet<>();
            blobs.walk(
                    1000,
                    (block, blob) -> {
                        if (blob != null && !blob.isNmethod()) {
                            for (long pc = blob.codeBegin(); pc < blob.end(); pc += 16) {
                                Frame frame = vm.stub(pc);
                                assertThat(frame.kind()).isEqualTo(FrameKind.JVM);
                                names.add(frame.function());
                            }
                        }
                        return true;
                    });
            assertThat(names)
                    .contains("Interpreter", "I2C/C2I adapters", "vtable stub")
                    .contains("StubRoutines::call_stub")
                    .filteredOn(name -> name.contains("::"))
                    .hasSizeGreaterThan(30);
            long copy = tables.optionalStatic("StubRoutines::_jbyte_disjoint_arraycopy");
            assertThat(vm.stub(reader.pointer(copy) + 4).function())
                    .isEqualTo("StubRoutines::jbyte_disjoint_arraycopy");
            UnwindFacts facts = vm.unwindFacts();
            assertThat(vm.stub(facts.callStubReturn()).function())
                    .isEqualTo("StubRoutines::call_stub");
            assertThat(facts.callStubReturn())
                    .isBetween(facts.callStubStart(), facts.callStubEnd() - 1);
            assertThat(facts.returnBarrierEnd() - facts.returnBarrierStart() > 0)
                    .isEqualTo(major >= 21);
            assertThat(reader.cString(facts.nmethodName(), 40)).isEqualTo("nmethod");
            assertThat(reader.cString(facts.nativeNmethodName(), 40)).isEqualTo("native nmethod");
            assertThat(reader.cString(facts.interpreterName(), 40)).isEqualTo("Interpreter");
            assertThat(vm.stub(vm.codeHeaps().getLast().end() + 4096).kind())
                    .isEqualTo(FrameKind.ERROR);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 25})
    void aJvmThatStartsIsTrustedInTheEnd(int major) throws Exception {
        int early = 0;
        for (int round = 0; round < 4; round++) {
            try (ObservedJvm jvm = ObservedJvm.start(directory, major)) {
                HotSpot vm = null;
                List<String> problems = List.of("not open");
                long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
                while (!problems.isEmpty() && System.nanoTime() < until) {
                    vm = jvm.tryOpen();
                    if (vm == null) {
                        early++;
                        continue;
                    }
                    for (CodeHeap heap : vm.codeHeaps()) {
                        vm.compiled(heap.start() + 200, 1, true);
                        vm.stub(heap.start() + 400);
                    }
                    vm.unwindFacts();
                    problems = vm.selfCheck();
                }
                assertThat(problems).isEmpty();
                assertThat(vm).isNotNull();
            }
        }
        assertThat(early).as("attempts before it had started").isPositive();
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 25})
    void aJvmThatIsKilledWhileItIsReadNeverGetsAWrongName(int major) throws Exception {
        int named = 0;
        for (int round = 0; round < 4; round++) {
            try (ObservedJvm jvm = ObservedJvm.start(directory, major)) {
                HotSpot vm = jvm.open();
                Thread.sleep(300);
                Map<Integer, ObservedJvm.Listed> listed = jvm.codeList();
                int delay = 2 + 7 * round;
                Thread killer =
                        Thread.ofVirtual()
                                .start(() -> {
                                    sleep(delay);
                                    jvm.process.destroyForcibly();
                                });
                while (jvm.process.isAlive()) {
                    for (ObservedJvm.Listed expected : listed.values()) {
                        int id = expected.compileId();
                        Frame own = vm.compiled(expected.code() + 9, id, true).getLast();
                        if (own.kind() == FrameKind.JVM) {
                            assertThat(external(own)).isEqualTo(expected.method());
                            named++;
                        }
                    }
                    vm.forget();
                    vm.unwindFacts();
                }
                killer.join();
                jvm.process.waitFor();
                vm.forget();
                assertThat(vm.selfCheck()).contains("nothing to check");
                assertThat(vm.verified()).isFalse();
                assertThat(vm.stub(vm.codeHeaps().getFirst().start()).kind())
                        .isEqualTo(FrameKind.ERROR);
                assertThat(jvm.tryOpen()).isNull();
            }
        }
        assertThat(named).isPositive();
    }

    private static void sleep(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    /** The name as {@code Compiler.codelist} writes it. */
    private static String external(Frame frame) {
        String name = frame.systemName();
        int signature = name.indexOf('(');
        if (signature < 0) {
            return frame.toString();
        }
        return name.substring(0, signature).replace('/', '.').replace("+0x", "/0x")
                + name.substring(signature);
    }
}
