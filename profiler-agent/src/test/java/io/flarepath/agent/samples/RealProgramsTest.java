package io.flarepath.agent.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flarepath.agent.window.WindowProfile;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Programs as the distribution has them, under load: nearly all of their stacks are whole. */
@Tag("slow")
@EnabledIfSystemProperty(
        named = "user.name",
        matches = "root",
        disabledReason = "sampling needs root")
class RealProgramsTest {
    /** Percent of whole stacks, which what programs do at their start is part of. */
    private static final int LEAST = 99;

    private static final int FREQUENCY = 299;
    private static final int MIN_SAMPLES = 600;
    private static final int LOAD_SECONDS = 6;
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir Path folder;
    private final List<Process> started = new ArrayList<>();
    private final StackRoots roots = new StackRoots();

    @BeforeEach
    void openToOtherUsers() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        roots.lookIn(Path.of("/usr/bin"));
        roots.lookIn(Path.of("/usr/sbin"));
        for (String parent : List.of("/usr/lib/postgresql", "/usr/lib/gcc/x86_64-linux-gnu")) {
            if (Files.isDirectory(Path.of(parent))) {
                try (Stream<Path> versions = Files.list(Path.of(parent))) {
                    versions.forEach(v -> {
                        roots.lookIn(v);
                        roots.lookIn(v.resolve("bin"));
                    });
                }
            }
        }
    }

    @AfterEach
    void stop() throws Exception {
        for (Process process : started.reversed()) {
            process.destroy();
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly().waitFor();
            }
        }
    }

    @Test
    void nginx() throws Exception {
        int port = freePort();
        Files.writeString(
                folder.resolve("page.txt"), "What is the time, and whose is it?\n".repeat(2000));
        Path configuration = folder.resolve("nginx.conf");
        Files.writeString(
                configuration,
                """
                daemon off; user root; worker_processes 1; pid %1$s/nginx.pid; error_log stderr;
                events { worker_connections 256; }
                http {
                    access_log off; gzip on; gzip_types text/plain; gzip_comp_level 6;
                    client_body_temp_path %1$s/body; proxy_temp_path %1$s/proxy;
                    fastcgi_temp_path %1$s/fastcgi; uwsgi_temp_path %1$s/uwsgi;
                    scgi_temp_path %1$s/scgi;
                    server { listen 127.0.0.1:%2$d; root %1$s; default_type text/plain; }
                }
                """
                        .formatted(folder, port));
        try (LiveAgent agent = new LiveAgent(FREQUENCY)) {
            Process nginx =
                    service("nginx", "nginx", "-e", "stderr", "-c", configuration.toString());
            awaitPort(nginx, port);
            client(
                    "ab",
                    "-q",
                    "-k",
                    "-c",
                    "4",
                    "-t",
                    Integer.toString(LOAD_SECONDS),
                    "-n",
                    "10000000",
                    "-H",
                    "Accept-Encoding: gzip",
                    "http://127.0.0.1:" + port + "/page.txt");
            check(agent, "nginx");
        }
    }

    @Test
    void redis() throws Exception {
        int port = freePort();
        try (LiveAgent agent = new LiveAgent(FREQUENCY)) {
            Process redis =
                    service(
                            "redis",
                            "redis-server",
                            "--bind",
                            "127.0.0.1",
                            "--port",
                            Integer.toString(port),
                            "--save",
                            "",
                            "--dir",
                            folder.toString());
            awaitPort(redis, port);
            Process load =
                    start(
                            Map.of(),
                            "redis-benchmark",
                            "-h",
                            "127.0.0.1",
                            "-p",
                            Integer.toString(port),
                            "-q",
                            "-l",
                            "-P",
                            "8",
                            "-n",
                            "100000",
                            "-t",
                            "set,get,lpush,lrange_100,sadd,hset,zadd");
            assertThat(load.waitFor(LOAD_SECONDS, TimeUnit.SECONDS)).as("load ended").isFalse();
            load.destroyForcibly().waitFor();
            check(agent, "redis");
        }
    }

    @Test
    void postgres() throws Exception {
        int port = freePort();
        Path data = folder.resolve("data");
        Path bin = newest(Path.of("/usr/lib/postgresql")).resolve("bin");
        client("install", "-d", "-o", "postgres", "-m", "700", data.toString());
        String[] user = {"setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"};
        client(with(user, bin.resolve("initdb").toString(), "--no-sync", "-D", data.toString()));
        try (LiveAgent agent = new LiveAgent(FREQUENCY)) {
            Process postgres =
                    service(
                            "postgres",
                            with(
                                    user,
                                    bin.resolve("postgres").toString(),
                                    "-D",
                                    data.toString(),
                                    "-p",
                                    Integer.toString(port),
                                    "-k",
                                    data.toString(),
                                    "-c",
                                    "listen_addresses=127.0.0.1",
                                    "-c",
                                    "fsync=off"));
            awaitPort(postgres, port);
            String[] bench =
                    with(
                            user,
                            bin.resolve("pgbench").toString(),
                            "-h",
                            "127.0.0.1",
                            "-p",
                            Integer.toString(port));
            client(with(bench, "-q", "-i", "-s", "3", "postgres"));
            client(
                    with(
                            bench,
                            "-c",
                            "3",
                            "-b",
                            "select-only@3",
                            "-b",
                            "tpcb-like@1",
                            "-T",
                            Integer.toString(LOAD_SECONDS),
                            "postgres"));
            // A fast shutdown: clients that are still there are not waited for.
            client("kill", "-INT", Long.toString(postgres.pid()));
            assertThat(postgres.waitFor(30, TimeUnit.SECONDS)).isTrue();
            check(agent, "postgres");
        }
    }

    @Test
    void python() throws Exception {
        Path script = folder.resolve("busy.py");
        Files.writeString(
                script,
                """
                import hashlib, json, re, time, zlib

                def words(n):
                    return [f"word{i * 7919 % 1000}" for i in range(n)]

                def count(text):
                    found = {}
                    for word in re.findall(r"[a-z]+[0-9]+", text):
                        found[word] = found.get(word, 0) + 1
                    return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))

                def fib(n):
                    return n if n < 2 else fib(n - 1) + fib(n - 2)

                until = time.process_time() + 5
                while time.process_time() < until:
                    text = json.dumps([count(" ".join(words(3000))), fib(16)])
                    hashlib.sha256(zlib.compress(json.dumps(json.loads(text)).encode())).digest()
                """);
        try (LiveAgent agent = new LiveAgent(FREQUENCY)) {
            Process python = service("python", "python3", script.toString());
            awaitEnd(python);
            check(agent, "python");
        }
    }

    @Test
    void goBuild() throws Exception {
        Files.writeString(folder.resolve("go.mod"), "module hello\n\ngo 1.16\n");
        Files.writeString(
                folder.resolve("main.go"),
                """
                package main

                import "fmt"

                func main() {
                    fmt.Println("hello")
                }
                """);
        roots.lookIn(Path.of(KnownPrograms.run(List.of("go", "env", "GOTOOLDIR"), folder).strip()));
        roots.lookIn(
                Path.of(KnownPrograms.run(List.of("go", "env", "GOROOT"), folder).strip(), "bin"));
        try (LiveAgent agent = new LiveAgent(FREQUENCY)) {
            awaitEnd(buildAll("cache"));
            int warmed = agent.settle();
            awaitEnd(buildAll("other-cache"));
            check(agent, "go", warmed);
        }
    }

    private Process buildAll(String cache) throws Exception {
        return start(
                Map.of(
                        "OTEL_SERVICE_NAME",
                        "go",
                        "CGO_ENABLED",
                        "0",
                        "GOCACHE",
                        folder.resolve(cache).toString()),
                "go",
                "build",
                "-a",
                "-o",
                "hello",
                ".");
    }

    @Test
    void rustc() throws Exception {
        StringBuilder crate = new StringBuilder("use std::collections::HashMap;\n");
        for (int i = 0; i < 250; i++) {
            crate.append(
                    """
                    #[derive(Debug, Clone, PartialEq, Default)]
                    pub struct Item%1$d { name: String, values: Vec<u%2$d>, next: Option<Box<Item%1$d>> }
                    impl Item%1$d {
                        pub fn total(&self, by: &HashMap<String, u64>) -> Result<u64, String> {
                            let own: u64 = self.values.iter().map(|v| u64::from(*v) * %1$d).filter(|v| v %% 3 != 1).sum();
                            let more = by.get(&self.name).ok_or_else(|| format!("{:?} of %1$d", self.name))?;
                            match &self.next {
                                Some(next) if next != &Box::new(Item%1$d::default()) => Ok(own + next.total(by)?),
                                _ => Ok(own + *more),
                            }
                        }
                    }
                    """
                            .formatted(i, new int[] {8, 16, 32}[i % 3]));
        }
        crate.append("fn main() {\n    let by = HashMap::new();\n");
        for (int i = 0; i < 250; i++) {
            crate.append("    println!(\"{:?}\", Item")
                    .append(i)
                    .append("::default().total(&by));\n");
        }
        crate.append("}\n");
        Path source = folder.resolve("items.rs");
        Files.writeString(source, crate);
        roots.lookIn(
                Path.of(
                        KnownPrograms.run(List.of("rustc", "--print", "sysroot"), folder).strip(),
                        "bin"));
        try (LiveAgent agent = new LiveAgent(FREQUENCY)) {
            // Its libraries have a million rows: they are loaded by then, and later from disk.
            awaitEnd(service("rustc", "rustc", "-O", "-o", "items", source.toString()));
            int warmed = agent.settle();
            awaitEnd(service("rustc", "rustc", "-O", "-o", "items", source.toString()));
            check(agent, "rustc", warmed);
        }
    }

    @Test
    void gcc() throws Exception {
        StringBuilder code = new StringBuilder("#include <stdio.h>\n#include <string.h>\n");
        for (int i = 0; i < 700; i++) {
            code.append(
                    """
                    struct item%1$d { char name[%2$d]; long values[%2$d]; struct item%1$d *next; };
                    long total%1$d(const struct item%1$d *item, long (*more)(long))
                    {
                        long sum = 0;
                        for (int i = 0; i < %2$d; i++) {
                            sum += item->values[i] * %1$d + (item->name[i] == 'a' ? more(sum) : i);
                            if (sum %% 7 == 3 && item->next)
                                sum ^= total%1$d(item->next, more);
                        }
                        switch (sum & 7) { case 0: return sum; case 1: return more(sum); case 5: return strlen(item->name); }
                        return sum + printf("%%s %%ld", item->name, sum);
                    }
                    """
                            .formatted(i, 8 + i % 50));
        }
        Path source = folder.resolve("items.c");
        Files.writeString(source, code);
        try (LiveAgent agent = new LiveAgent(FREQUENCY)) {
            awaitEnd(service("gcc", "gcc", "-O2", "-g", "-c", "-o", "items.o", source.toString()));
            int warmed = agent.settle();
            awaitEnd(service("gcc", "gcc", "-O2", "-g", "-c", "-o", "items.o", source.toString()));
            check(agent, "gcc", warmed);
        }
    }

    private void check(LiveAgent agent, String service) {
        check(agent, service, 0);
    }

    /**
     * Whole stacks are demanded of what was sampled once the rules were there.
     *
     * @param warmed the number of windows of the time before
     */
    private void check(LiveAgent agent, String service, int warmed) {
        agent.stop();
        StackTally tally = new StackTally(roots);
        for (WindowProfile window :
                agent.windows().stream()
                        .skip(warmed)
                        .filter(w -> service.equals(w.resource().get("service.name")))
                        .toList()) {
            window.stacks().forEach(tally::add);
        }
        System.out.printf("%-10s %s%n", service, tally.summary());
        assertThat(tally.samples()).as(tally.details()).isGreaterThanOrEqualTo(MIN_SAMPLES);
        assertThat(tally.completePercent()).as(tally.details()).isGreaterThanOrEqualTo(LEAST);
        assertThat(tally.leftOutPercent()).as(tally.details()).isLessThanOrEqualTo(5);
    }

    /** Starts a program that is observed, with all that it starts. */
    private Process service(String name, String... command) throws IOException {
        return start(Map.of("OTEL_SERVICE_NAME", name), command);
    }

    private Process start(Map<String, String> environment, String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().putAll(environment);
        Path log = folder.resolve("log-" + started.size());
        Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        started.add(process);
        return process;
    }

    /** Runs what makes load to its end. */
    private void client(String... command) throws Exception {
        awaitEnd(start(Map.of(), command));
    }

    private void awaitEnd(Process process) throws Exception {
        boolean ended = process.waitFor(100, TimeUnit.SECONDS);
        assertThat(ended).as("ended in time: " + process.info()).isTrue();
        assertThat(process.exitValue()).as(log(process)).isZero();
    }

    private String log(Process process) throws IOException {
        return Files.readString(folder.resolve("log-" + started.indexOf(process)));
    }

    private void awaitPort(Process process, int port) {
        await().atMost(LONG)
                .until(() -> {
                    assertThat(process.isAlive()).as(log(process)).isTrue();
                    return answers(port);
                });
    }

    private static boolean answers(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private static Path newest(Path parent) throws IOException {
        try (Stream<Path> versions = Files.list(parent)) {
            return versions.sorted().toList().getLast();
        }
    }

    private static String[] with(String[] command, String... more) {
        return Stream.concat(Stream.of(command), Stream.of(more)).toArray(String[]::new);
    }
}
