package io.flarepath.api;

import io.flarepath.api.server.StartRefused;
import io.flarepath.config.Arguments;
import io.flarepath.config.Configuration;
import io.flarepath.config.ConfigurationException;
import io.flarepath.config.Setting;
import io.flarepath.store.StoreException;
import java.net.BindException;
import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * The server's process: {@code --config FILE} and {@code --set KEY=VALUE}. Ends with 0 on SIGTERM
 * and SIGINT, and with 1 and one clear line when it cannot start.
 */
public final class Main {
    private Main() {}

    /** Starts the server; the JVM then lives until it is told to stop. */
    public static void main(String[] words) {
        try {
            Arguments arguments = Arguments.parse(List.of(words));
            if (!arguments.operands().isEmpty()) {
                fail("the server takes no operands: " + String.join(" ", arguments.operands()));
            }
            Configuration configuration =
                    Configuration.load(arguments.config(), System.getenv(), arguments.sets());
            // Read by logback.xml when the first logger is made, which is after this line.
            System.setProperty("flarepath.log.level", configuration.text(Setting.LOG_LEVEL));
            run(configuration);
        } catch (ConfigurationException e) {
            e.errors().forEach(Main::complain);
            System.exit(1);
        }
    }

    private static void run(Configuration configuration) {
        Service service;
        try {
            service = Service.start(configuration);
        } catch (BindException | StoreException | StartRefused e) {
            fail(String.valueOf(e.getMessage()));
            return;
        }
        QuietHeap heap = QuietHeap.watch();
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> stop(service, heap), "flarepath-stop"));
        System.out.println("Flarepath server is ready at " + service.url());
    }

    private static void stop(Service service, QuietHeap heap) {
        heap.close();
        service.close();
        LoggerFactory.getLogger(Main.class).info("stopped");
        // A JVM that a signal ends would otherwise say 143, and supervisors would call that a
        // crash.
        Runtime.getRuntime().halt(0);
    }

    private static void fail(String why) {
        complain(why);
        System.exit(1);
    }

    private static void complain(String why) {
        System.err.println("flarepath server: " + why);
    }
}
