package io.flarepath.agent.export;

import io.flarepath.agent.metrics.MetricRegistry;
import java.nio.file.Path;
import java.util.Random;

/** A process that puts numbered requests into a queue and says which have been taken. */
final class QueueWriter {
    private QueueWriter() {}

    public static void main(String[] args) throws Exception {
        int number = Integer.parseInt(args[1]);
        Random lengths = new Random(number);
        try (DiskQueue queue = DiskQueue.open(Path.of(args[0]), 1L << 30, new MetricRegistry())) {
            while (queue.trouble().isEmpty()) {
                queue.put(
                        Payload.PROFILES,
                        DiskQueueTest.body(number, 4 + lengths.nextInt(200_000)),
                        1);
                System.out.println(number);
                number++;
            }
        }
        System.exit(1);
    }
}
