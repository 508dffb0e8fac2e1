import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Produces and consumes a known number of records, and prints what the clients counted. */
final class Load {
    private static final int SMALL = 500;
    private static final int LARGE = 40;
    private static final int REFUSED = 30;
    private static final int MEGABYTE = 1 << 20;

    private static String broker = "";

    public static void main(String[] arguments) throws Exception {
        broker = "127.0.0.1:" + arguments[0];
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker))) {
            admin.createTopics(
                            List.of(
                                    new NewTopic("small", 1, (short) 1),
                                    new NewTopic("large", 1, (short) 1)
                                            .configs(Map.of("max.message.bytes", "2000000")),
                                    new NewTopic("narrow", 1, (short) 1)
                                            .configs(Map.of("max.message.bytes", "100"))))
                    .all()
                    .get();
        }
        produce("small", SMALL, 100, "all", false);
        produce("large", LARGE, MEGABYTE, "all", false);
        produce("narrow", REFUSED, 1000, "all", true);
        consume("small", SMALL);
        consume("large", LARGE);
    }

    /** One request a record: none is sent before the one before it is answered. */
    private static void produce(String topic, int records, int bytes, String acks, boolean refused)
            throws Exception {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", broker);
        settings.put("acks", acks);
        settings.put("max.request.size", 2 * MEGABYTE);
        settings.put("enable.idempotence", false);
        settings.put("retries", 0);
        var bytesOf = new ByteArraySerializer();
        int failed = 0;
        try (var producer = new KafkaProducer<>(settings, bytesOf, bytesOf)) {
            for (int i = 0; i < records; i++) {
                try {
                    producer.send(new ProducerRecord<>(topic, new byte[bytes])).get();
                } catch (ExecutionException e) {
                    failed++;
                }
            }
        }
        if (failed != (refused ? records : 0)) {
            throw new IllegalStateException(failed + " of " + records + " failed");
        }
        System.out.println("produce " + records);
        System.out.println("refused " + failed);
    }

    private static void consume(String topic, int records) {
        var bytesOf = new ByteArrayDeserializer();
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", broker);
        settings.put("group.id", topic + "-readers");
        settings.put("auto.offset.reset", "earliest");
        settings.put("enable.auto.commit", false);
        settings.put("max.partition.fetch.bytes", 3 * MEGABYTE);
        int read = 0;
        try (var consumer = new KafkaConsumer<>(settings, bytesOf, bytesOf)) {
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            while (read < records) {
                read += consumer.poll(Duration.ofSeconds(5)).count();
                consumer.commitSync();
                System.out.println("commit 1");
            }
            System.out.println("fetch " + total(consumer.metrics(), "fetch-total"));
        }
    }

    private static long total(Map<MetricName, ? extends Metric> metrics, String name) {
        for (var metric : metrics.entrySet()) {
            if (metric.getKey().name().equals(name)) {
                return ((Number) metric.getValue().metricValue()).longValue();
            }
        }
        throw new IllegalStateException("no metric " + name);
    }
}
