package io.flarepath.api.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.api.Service;
import io.flarepath.api.contract.CheckedHttp;
import io.flarepath.config.Configuration;
import io.flarepath.config.ConfigurationException;
import io.flarepath.store.RocksDbProfileStore;
import io.flarepath.store.StoreOptions;
import io.flarepath.store.profile.ProfileType;
import io.flarepath.store.query.FlameTree;
import io.flarepath.store.query.ProfileQuery;
import io.flarepath.store.query.Selector;
import io.flarepath.store.query.TimeRange;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Backups of a running service over HTTP, and what is restored from them. */
@Timeout(60)
class BackupTest {
    private static final long VALUE = 70_000_000;

    /** As long as a tenant's name may be: more than a plain tar header takes. */
    private static final String TENANT = "t".repeat(150);

    @TempDir private Path directory;

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** Uploads of one tenant, one after the other, each worth the same under a name of its own. */
    private final class Client implements AutoCloseable {
        private final String tenant;
        private final AtomicInteger offered = new AtomicInteger();
        private final AtomicInteger acknowledged = new AtomicInteger();
        private final AtomicBoolean ended = new AtomicBoolean();
        private final Thread thread;

        Client(String url, String tenant) {
            this.tenant = tenant;
            this.thread = Thread.ofPlatform().start(() -> run(url));
        }

        private void run(String url) {
            long second = System.currentTimeMillis() / 1000 - 86_400;
            while (!ended.get()) {
                int number = offered.incrementAndGet();
                try {
                    upload(url, tenant, second + number * 60L, number);
                } catch (IOException e) {
                    return;
                }
                acknowledged.set(number);
            }
        }

        @Override
        public void close() throws IOException {
            ended.set(true);
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
    }

    private void upload(String url, String tenant, long second, int number) throws IOException {
        HttpRequest request =
                HttpRequest.newBuilder(
                                URI.create(
                                        url
                                                + "/ingest?name=load.cpu&format=folded&sampleRate=100&from="
                                                + second
                                                + "&until="
                                                + (second + 10)))
                        .header("X-Scope-OrgID", tenant)
                        .timeout(Duration.ofSeconds(30))
                        .POST(HttpRequest.BodyPublishers.ofString("main;n" + number + " 7\n"))
                        .build();
        try {
            assertThat(
                            CheckedHttp.checkText(client.send(request, BodyHandlers.ofString()))
                                    .status())
                    .isEqualTo(200);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Test
    void whatIsRestoredEqualsTheLedgerAtTheTimeOfTheBackup() throws Exception {
        Path data = directory.resolve("data");
        Path first = directory.resolve("first");
        Path second = directory.resolve("second");
        List<int[]> bounds = new ArrayList<>();
        try (Service service = start(data);
                Client one = new Client(service.url(), "one");
                Client other = new Client(service.url(), TENANT)) {
            Path symbols =
                    Files.createDirectories(
                            data.resolve("store-symbols").resolve("tenants").resolve(TENANT));
            Files.writeString(symbols.resolve("abcd.symbols"), "names");
            for (Path backup : List.of(first, second)) {
                awaitMore(one, other);
                int[] bound = {one.acknowledged.get(), other.acknowledged.get(), 0, 0};
                BackupMain.backup(backupUrl(service.url()), backup);
                bound[2] = one.offered.get();
                bound[3] = other.offered.get();
                bounds.add(bound);
                assertThat(BackupFolder.names(data.resolve("store").resolve("checkpoints")))
                        .isEmpty();
            }
            awaitMore(one, other);
        }
        for (Path backup : List.of(first, second)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(backup)))
                    .isEqualTo("rwx------");
            Path restored = directory.resolve("restored-" + backup.getFileName());
            BackupMain.restore(backup, restored);
            int[] bound = bounds.removeFirst();
            try (RocksDbProfileStore store =
                    RocksDbProfileStore.open(restored.resolve("store"), StoreOptions.defaults())) {
                assertPrefix(store, "one", bound[0], bound[2]);
                assertPrefix(store, TENANT, bound[1], bound[3]);
                assertThat(store.statistics().corruptValues()).isZero();
            }
            assertThat(
                            restored.resolve("store-symbols")
                                    .resolve("tenants")
                                    .resolve(TENANT)
                                    .resolve("abcd.symbols"))
                    .hasContent("names");
            assertThat(restored.resolve("store.restoring")).doesNotExist();
        }
    }

    private static void awaitMore(Client one, Client other) throws InterruptedException {
        int oneBefore = one.acknowledged.get();
        int otherBefore = other.acknowledged.get();
        while (one.acknowledged.get() < oneBefore + 30
                || other.acknowledged.get() < otherBefore + 30) {
            Thread.sleep(5);
        }
    }

    /** All that was acknowledged before, nothing that was offered after, each once and whole. */
    private static void assertPrefix(
            RocksDbProfileStore store, String tenant, int acknowledged, int offered) {
        FlameTree tree =
                store.merge(
                        new ProfileQuery(
                                tenant,
                                ProfileType.CPU,
                                Selector.parse("{}"),
                                new TimeRange(0, Long.MAX_VALUE)));
        BitSet found = new BitSet();
        for (int node = 1; node < tree.size(); node++) {
            String name = tree.frame(node).function();
            if (name.startsWith("n")) {
                assertThat(tree.total(node)).isEqualTo(VALUE);
                found.set(Integer.parseInt(name.substring(1)));
            }
        }
        int count = found.cardinality();
        assertThat(count).isBetween(acknowledged, offered);
        assertThat(found.length()).as("a prefix of what was sent").isEqualTo(count + 1);
        assertThat(tree.total(0)).isEqualTo(count * VALUE);
    }

    @Test
    void aBackupIsNeverWrittenOverAndHalfAOneIsMadeAnew() throws Exception {
        Path backup = directory.resolve("backup");
        try (Service service = start(directory.resolve("data"))) {
            upload(service.url(), "one", System.currentTimeMillis() / 1000 - 60, 1);
            URL url = backupUrl(service.url());
            BackupMain.backup(url, backup);
            byte[] manifest = Files.readAllBytes(backup.resolve("manifest.json"));
            assertThatThrownBy(() -> BackupMain.backup(url, backup))
                    .isInstanceOf(BackupException.class)
                    .hasMessageContaining("holds the backup of 20");
            assertThat(backup.resolve("manifest.json")).hasBinaryContent(manifest);

            Path strange = Files.createDirectory(directory.resolve("strange"));
            Files.writeString(strange.resolve("letter"), "dear");
            assertThatThrownBy(() -> BackupMain.backup(url, strange))
                    .isInstanceOf(BackupException.class)
                    .hasMessageContaining("is not empty");
            assertThat(strange.resolve("letter")).exists();

            // As a killed process leaves it.
            Path half = Files.createDirectories(directory.resolve("half"));
            Files.createFile(half.resolve("incomplete"));
            Files.writeString(
                    Files.createDirectory(half.resolve("store")).resolve("000001.sst"), "torn");
            assertThatThrownBy(() -> BackupMain.restore(half, directory.resolve("new")))
                    .isInstanceOf(BackupException.class)
                    .hasMessageContaining("incomplete");
            BackupMain.backup(url, half);
            assertThat(half.resolve("store").resolve("000001.sst")).doesNotExist();
            assertThat(BackupMain.restore(half, directory.resolve("new"))).contains("restored");
        }
    }

    @Test
    void aDamagedBackupIsRefusedAndAStoreIsNeverWrittenOver() throws Exception {
        Path data = directory.resolve("data");
        Path backup = directory.resolve("backup");
        try (Service service = start(data)) {
            upload(service.url(), "one", System.currentTimeMillis() / 1000 - 60, 1);
            BackupMain.backup(backupUrl(service.url()), backup);
            assertThatThrownBy(() -> BackupMain.restore(backup, data))
                    .isInstanceOf(BackupException.class)
                    .hasMessageContaining("there is a store in");
        }
        Path current = backup.resolve("store").resolve("CURRENT");
        byte[] content = Files.readAllBytes(current);
        byte[] flipped = content.clone();
        flipped[0] ^= 1;
        Path target = directory.resolve("target");
        Files.write(current, flipped);
        assertRefused(backup, target, "is not what was saved");
        Files.delete(current);
        assertRefused(backup, target, "is missing");
        Files.createSymbolicLink(current, Path.of("/etc/hostname"));
        assertRefused(backup, target, "is missing");
        Files.delete(current);
        Files.write(current, content);

        Path manifest = backup.resolve("manifest.json");
        String text = Files.readString(manifest);
        Map<String, String> forgeries =
                Map.of(
                        text.replace("store/CURRENT", "store/../../CURRENT"), "no name of a file",
                        text.replace("\"version\" : 1", "\"version\" : 2"), "has version 2",
                        text.replaceFirst("storeFormat\" : \"[0-9]+", "storeFormat\" : \"99"),
                                "format version 99",
                        text.substring(0, text.length() / 2), "damaged");
        for (Map.Entry<String, String> forgery : forgeries.entrySet()) {
            assertThat(forgery.getKey()).isNotEqualTo(text);
            Files.writeString(manifest, forgery.getKey());
            assertRefused(backup, target, forgery.getValue());
        }
        Files.writeString(manifest, text);
        assertThat(BackupMain.restore(backup, target)).contains("restored into");
    }

    private static void assertRefused(Path backup, Path target, String why) {
        assertThatThrownBy(() -> BackupMain.restore(backup, target))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining(why);
        assertThat(target.resolve("store")).doesNotExist();
        assertThat(target.resolve("store.restoring")).doesNotExist();
    }

    @Test
    void anArchiveThatIsCutOrChangedLeavesNothing() throws Exception {
        byte[] archive;
        try (Service service = start(directory.resolve("data"))) {
            upload(service.url(), "one", System.currentTimeMillis() / 1000 - 60, 1);
            archive = fetch(service.url());
        }
        assertTarReads(archive);
        int step = archive.length / 9;
        // The last two blocks are the end of the archive.
        for (int cut = 0; cut < archive.length - 1024; cut += step) {
            assertNothingLeft(java.util.Arrays.copyOf(archive, cut));
        }
        for (int at = 0; at < archive.length - 1024; at += step) {
            byte[] changed = archive.clone();
            changed[at] ^= 0x55;
            try {
                take(changed);
            } catch (IOException e) {
                assertThat(directory.resolve("taken")).doesNotExist();
                continue;
            }
            // Padding, or a field of a head that says nothing: all files are as they were.
            BackupMain.restore(directory.resolve("taken"), directory.resolve("new"));
            BackupFolder.removeAll(directory.resolve("taken"));
            BackupFolder.removeAll(directory.resolve("new"));
        }
    }

    private void assertNothingLeft(byte[] archive) {
        assertThatThrownBy(() -> take(archive)).isInstanceOf(IOException.class);
        assertThat(directory.resolve("taken")).doesNotExist();
    }

    private void take(byte[] archive) throws IOException {
        BackupFolder.begin(directory.resolve("taken")).take(new ByteArrayInputStream(archive));
    }

    /** Whoever has curl and tar alone can keep a backup, too. */
    private void assertTarReads(byte[] archive) throws Exception {
        Path file = directory.resolve("archive.tar");
        Files.write(file, archive);
        Process tar =
                new ProcessBuilder("tar", "-tf", file.toString()).redirectErrorStream(true).start();
        String listed =
                new String(
                        tar.getInputStream().readAllBytes(),
                        java.nio.charset.StandardCharsets.UTF_8);
        assertThat(tar.waitFor()).as(listed).isZero();
        assertThat(listed.lines()).contains("store/CURRENT", "manifest.json");
    }

    @Test
    void onlyThisMachineIsGivenABackup() throws Exception {
        Optional<InetAddress> other = otherAddress();
        try (Service service = start(directory.resolve("data"), "listen=0.0.0.0:0", "auth=off")) {
            int port = URI.create(service.url()).getPort();
            var proxied =
                    HttpRequest.newBuilder(URI.create(service.url() + "/api/v1/backup"))
                            .header("X-Forwarded-For", "127.0.0.1")
                            .POST(HttpRequest.BodyPublishers.noBody())
                            .build();
            var refused = CheckedHttp.check(client.send(proxied, BodyHandlers.ofByteArray()));
            assertThat(refused.status()).isEqualTo(403);
            assertThat(refused.text()).contains("backup.remote=true");
            Assumptions.assumeTrue(other.isPresent(), "this machine has the loopback alone");
            URL outside =
                    URI.create(
                                    "http://"
                                            + other.orElseThrow().getHostAddress()
                                            + ":"
                                            + port
                                            + "/api/v1/backup")
                            .toURL();
            assertThatThrownBy(() -> BackupMain.backup(outside, directory.resolve("backup")))
                    .isInstanceOf(BackupException.class)
                    .hasMessageContaining("HTTP 403");
            assertThat(directory.resolve("backup")).doesNotExist();
        }
    }

    private static Optional<InetAddress> otherAddress() throws IOException {
        return NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
                .findFirst();
    }

    @Test
    @Tag("slow")
    void aFullDiskLeavesNoBackup() throws Exception {
        Path disk = Files.createDirectory(directory.resolve("disk"));
        Assumptions.assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", disk.toString()) == 0,
                "a tmpfs cannot be mounted here");
        try (Service service = start(directory.resolve("data"))) {
            for (int number = 1; number <= 50; number++) {
                upload(service.url(), "one", System.currentTimeMillis() / 1000 - 3600, number);
            }
            Path backup = disk.resolve("backup");
            assertThatThrownBy(() -> BackupMain.backup(backupUrl(service.url()), backup))
                    .isInstanceOf(IOException.class);
            assertThat(backup).doesNotExist();
            // The server has let go of what it held for it, and gives another.
            BackupMain.backup(backupUrl(service.url()), directory.resolve("elsewhere"));
        } finally {
            run("umount", "-l", disk.toString());
        }
    }

    private static int run(String... command) throws Exception {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    private static byte[] fetch(String url) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) backupUrl(url).openConnection();
        connection.setRequestMethod("POST");
        try (var in = connection.getInputStream()) {
            return in.readAllBytes();
        }
    }

    private static URL backupUrl(String url) throws IOException {
        return URI.create(url + "/api/v1/backup").toURL();
    }

    private static Service start(Path data, String... more) throws IOException {
        List<String> sets = new ArrayList<>();
        sets.add("data=" + data);
        sets.add("listen=127.0.0.1:0");
        sets.add("otlp.grpc.listen=");
        sets.add("otlp.http.listen=");
        sets.add("multitenancy=true");
        sets.addAll(List.of(more));
        try {
            return Service.start(Configuration.load(null, Map.of(), sets));
        } catch (ConfigurationException e) {
            throw new AssertionError(e);
        }
    }
}
