package io.flarepath.agent.doctor;

import io.flarepath.agent.budget.CaptureLevel;
import io.flarepath.bpf.BpfException;
import io.flarepath.bpf.Capability;
import io.flarepath.bpf.KernelSupport;
import io.flarepath.bpf.RequestBytes;
import io.flarepath.bpf.RequestPart;
import io.flarepath.bpf.Sampler;
import io.flarepath.bpf.SamplerOptions;
import io.flarepath.config.Address;
import io.flarepath.config.Configuration;
import io.flarepath.config.Setting;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds out by trying whether the agent can work here, and prints what it found. */
public final class Doctor {
    private static final int SERVER_TIMEOUT_MILLIS = 3_000;
    private static final int RING_BYTES = 1 << 16;
    private static final Pattern LEVEL =
            Pattern.compile("flarepath_agent_requests_level\\{level=\"(\\w+)\"} 1");

    private final PrintStream out;

    private Doctor(PrintStream out) {
        this.out = out;
    }

    /**
     * Prints everything.
     *
     * @return 0 if sampling works, else 1
     */
    public static int run(Configuration configuration, PrintStream out) {
        return new Doctor(out).print(configuration) ? 0 : 1;
    }

    private boolean print(Configuration configuration) {
        out.println("This machine");
        String system = System.getProperty("os.name") + " " + System.getProperty("os.arch");
        boolean supported = system.equals("Linux amd64");
        row(supported, "x86-64 Linux", system, "Flarepath runs on Linux on x86-64 only for now");
        int jdk = Runtime.version().feature();
        row(
                jdk >= 25,
                "JDK 25 or newer",
                System.getProperty("java.version") + " in " + System.getProperty("java.home"),
                "the agent does not start");
        boolean root = "root".equals(System.getProperty("user.name"));
        row(root, "root", System.getProperty("user.name"), "capabilities are needed one by one");
        if (!supported) {
            return verdict(false, "it runs on x86-64 Linux only");
        }
        out.println();
        out.println("Kernel and capabilities (each was tried)");
        List<Capability> capabilities = KernelSupport.probe();
        for (Capability c : capabilities) {
            row(c.present(), c.name(), c.detail(), c.cost());
        }
        out.println();
        out.println("Server");
        server(configuration.url(Setting.SERVER));
        out.println();
        requests(configuration);
        out.println();
        return trySampling(configuration);
    }

    private void requests(Configuration configuration) {
        out.println("Requests");
        if (!configuration.flag(Setting.REQUESTS)) {
            row(false, "watched", "requests.enabled is false", "no requests, no metrics of TCP");
            return;
        }
        boolean payload = configuration.flag(Setting.REQUESTS_PAYLOAD);
        row(
                payload,
                "read",
                payload ? "requests.payload is true" : "requests.payload is false",
                "metrics of TCP and UDP only");
        if (payload) {
            parts(configuration);
        }
        row(true, "budget", configuration.integer(Setting.REQUESTS_BUDGET) + " % of all CPUs", "");
        configuration.optionalAddress(Setting.METRICS_LISTEN).ifPresent(this::level);
    }

    /** Loads the programs themselves: each part with what it needs. */
    private void parts(Configuration configuration) {
        Set<RequestPart> wanted = EnumSet.allOf(RequestPart.class);
        if (!configuration.flag(Setting.REQUESTS_TLS)) {
            wanted.remove(RequestPart.TLS);
        }
        Map<RequestPart, String> missing = new EnumMap<>(RequestPart.class);
        String instead = "";
        try (RequestBytes source = RequestBytes.open(RING_BYTES, 0, wanted)) {
            missing.putAll(source.missing());
            instead = source.bySystemCalls() ? firstLine(source.whyBySystemCalls()) : "";
        } catch (BpfException | UnsupportedOperationException e) {
            wanted.forEach(part -> missing.put(part, String.valueOf(e.getMessage())));
        }
        for (RequestPart part : RequestPart.values()) {
            String why = missing.get(part);
            String off = wanted.contains(part) ? "programs load" : "requests.tls is false";
            row(
                    wanted.contains(part) && why == null,
                    part.title(),
                    why == null ? off : why,
                    cost(part));
        }
        if (!missing.containsKey(RequestPart.STREAMS)) {
            row(
                    instead.isEmpty(),
                    "seen in the kernel's send and receive",
                    instead.isEmpty() ? "whatever leads there" : "by system calls: " + instead,
                    "io_uring and 32-bit programs are not seen, and each message costs more");
        }
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }

    private static String cost(RequestPart part) {
        return switch (part) {
            case STREAMS -> "no requests but lookups over UDP";
            case DATAGRAMS -> "no lookups over UDP; all else is told of";
            case TLS -> "connections of TLS are counted, and not seen into";
        };
    }

    /** What the agent that runs now says of itself, if one does. */
    private void level(Address metrics) {
        String full = CaptureLevel.FULL.label();
        String level = "";
        String detail;
        try {
            URI uri = URI.create("http://" + metrics + "/metrics");
            Matcher line =
                    LEVEL.matcher(new String(get(uri).readAllBytes(), StandardCharsets.UTF_8));
            level = line.find() ? line.group(1) : "";
            detail = level.isEmpty() ? "the agent that runs does not say" : level;
        } catch (IOException e) {
            detail = "no agent answers at " + metrics;
        }
        row(
                level.isEmpty() || level.equals(full),
                "what is read now",
                detail,
                "requests are told of in part: all of them took more than the budget");
    }

    private static InputStream get(URI uri) throws IOException {
        URLConnection connection = uri.toURL().openConnection();
        connection.setConnectTimeout(SERVER_TIMEOUT_MILLIS);
        connection.setReadTimeout(SERVER_TIMEOUT_MILLIS);
        return connection.getInputStream();
    }

    /** Opens the sampler itself: the one test that leaves nothing out. */
    private boolean trySampling(Configuration configuration) {
        int frequency = configuration.integer(Setting.FREQUENCY);
        try (Sampler sampler = Sampler.open(SamplerOptions.at(frequency))) {
            return verdict(
                    true,
                    "%d CPUs at %d Hz by %s"
                            .formatted(
                                    sampler.statistics().cpus(),
                                    frequency,
                                    sampler.statistics().source()));
        } catch (BpfException | UnsupportedOperationException e) {
            return verdict(false, String.valueOf(e.getMessage()));
        }
    }

    private boolean verdict(boolean works, String why) {
        out.println((works ? "Sampling works: " : "Sampling does not work: ") + why + ".");
        return works;
    }

    private void server(URI server) {
        String detail;
        boolean answers = false;
        try {
            URI ready = URI.create(server + "/ready");
            if (!(ready.toURL().openConnection() instanceof HttpURLConnection connection)) {
                throw new IOException("not an HTTP address");
            }
            connection.setConnectTimeout(SERVER_TIMEOUT_MILLIS);
            connection.setReadTimeout(SERVER_TIMEOUT_MILLIS);
            int status = connection.getResponseCode();
            answers = status == 200;
            detail = server + " answers with status " + status;
            connection.disconnect();
        } catch (IOException e) {
            detail = server + ": " + e.getMessage();
        }
        row(
                answers,
                "server answers",
                detail,
                "profiles wait in the agent's queue on disk; set `server` if it runs elsewhere");
    }

    private void row(boolean present, String name, String detail, String cost) {
        out.printf("  %-7s %-38s %s%n", present ? "yes" : "MISSING", name, detail);
        if (!present && !cost.isEmpty()) {
            out.printf("  %-7s %-38s without it: %s%n", "", "", cost);
        }
    }
}
