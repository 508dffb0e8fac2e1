import one.profiler.AsyncProfiler;

/** Runs {@link Recorded} under async-profiler, which it controls itself. */
public class ByAsyncProfiler {
    public static void main(String[] args) throws Exception {
        AsyncProfiler profiler = AsyncProfiler.getInstance();
        profiler.execute("start,jfr,file=" + args[1] + "," + args[2]);
        long start = System.nanoTime();
        Recorded.main(args);
        profiler.execute("stop,file=" + args[1]);
        System.out.println("wallNanos=" + (System.nanoTime() - start));
    }
}
