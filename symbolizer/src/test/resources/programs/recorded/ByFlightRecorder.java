import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import jdk.jfr.Recording;

/** Runs {@link Recorded} under the JDK's recorder. */
public class ByFlightRecorder {
    static final int TIMES = 20;
    static final List<Object> kept = new ArrayList<>();

    /** What happens now and then, each so many times. */
    static void others(Path file) throws Exception {
        try (FileChannel out =
                        FileChannel.open(
                                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket there = new Socket(server.getInetAddress(), server.getLocalPort());
                Socket here = server.accept()) {
            for (int i = 0; i < TIMES; i++) {
                out.write(ByteBuffer.allocate(10_000));
                out.force(false);
                there.getOutputStream().write(i);
                here.getInputStream().read();
                traced();
                kept.add(new byte[200_000]);
            }
        }
        System.gc();
    }

    static void traced() throws InterruptedException {
        try {
            throw new IllegalStateException("as told");
        } catch (IllegalStateException told) {
            Thread.sleep(2);
        }
    }

    public static void main(String[] args) throws Exception {
        try (Recording recording = new Recording()) {
            recording.enable("jdk.ActiveSetting");
            recording.enable("jdk.ExecutionSample").withPeriod(Duration.ofMillis(10));
            recording.enable("jdk.ObjectAllocationInNewTLAB").withStackTrace();
            recording.enable("jdk.ObjectAllocationOutsideTLAB").withStackTrace();
            recording.enable("jdk.ObjectAllocationSample").with("throttle", "1000/s");
            recording.enable("jdk.JavaMonitorEnter").withThreshold(Duration.ofMillis(1));
            recording.enable("jdk.ThreadPark").withThreshold(Duration.ofMillis(1));
            recording.enable("jdk.CPUTimeSample").with("throttle", "10ms");
            for (String event :
                    new String[] {"FileWrite", "FileForce", "SocketRead", "SocketWrite"}) {
                recording.enable("jdk." + event).withThreshold(Duration.ZERO).withStackTrace();
            }
            recording.enable("jdk.JavaExceptionThrow").with("throttle", "off").withStackTrace();
            recording.enable("jdk.SystemGC").withStackTrace();
            recording
                    .enable("jdk.MethodTrace")
                    .with("filter", "ByFlightRecorder::traced")
                    .withStackTrace();
            recording.enable("jdk.OldObjectSample").with("cutoff", "0 ns").withStackTrace();
            recording.enable("jdk.ThreadSleep").withThreshold(Duration.ZERO).withStackTrace();
            recording.start();
            others(Path.of(args[1] + ".others"));
            Recorded.main(args);
            recording.stop();
            recording.dump(Path.of(args[1]));
        }
    }
}
