package io.flarepath.api.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.api.Service;
import io.flarepath.config.Configuration;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS by configuration, and certificates of clients. */
class TlsTest {
    private static final String PASSWORD = "password";

    @TempDir Path folder;

    @Test
    void speaksTlsAndAsksForCertificates() throws Exception {
        KeyStore server = keys("server");
        KeyStore client = keys("client");
        Configuration configuration =
                Configuration.load(
                        null,
                        Map.of(),
                        List.of(
                                "data=" + folder.resolve("data"),
                                "listen=0.0.0.0:0",
                                "otlp.grpc.listen=",
                                "otlp.http.listen=",
                                "tls.certificate=" + certificate("server", server),
                                "tls.key=" + key("server", server),
                                "tls.client-ca=" + certificate("client", client)));
        try (Service service = Service.start(configuration);
                HttpClient known = client(server, client);
                HttpClient stranger = client(server, null)) {
            assertThat(service.url()).startsWith("https://localhost:");
            HttpResponse<String> ready = get(known, service.url() + "/ready");
            assertThat(ready.statusCode()).isEqualTo(200);
            assertThat(ready.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThatThrownBy(() -> get(stranger, service.url() + "/ready"))
                    .isInstanceOf(IOException.class);
            String plain = service.url().replace("https:", "http:");
            assertThatThrownBy(() -> get(known, plain + "/ready")).isInstanceOf(IOException.class);
        }
    }

    @Test
    void filesThatAreNotThereAreNamed() throws Exception {
        Configuration configuration =
                Configuration.load(
                        null,
                        Map.of(),
                        List.of(
                                "data=" + folder,
                                "listen=127.0.0.1:0",
                                "tls.certificate=" + folder.resolve("none.pem"),
                                "tls.key=" + folder.resolve("none.key")));
        assertThatThrownBy(() -> Service.start(configuration))
                .isInstanceOf(StartRefused.class)
                .hasMessageContaining("none.pem")
                .hasMessageContaining("tls.certificate");
    }

    private static HttpResponse<String> get(HttpClient client, String uri)
            throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(URI.create(uri)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static HttpClient client(KeyStore server, @Nullable KeyStore own) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("server", server.getCertificate("server"));
        TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        KeyManagerFactory shown =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        shown.init(own, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own == null ? null : shown.getKeyManagers(), trust.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(context).build();
    }

    private Path certificate(String name, KeyStore keys) throws Exception {
        return pem(name, "CERTIFICATE", keys.getCertificate(name).getEncoded());
    }

    private Path key(String name, KeyStore keys) throws Exception {
        return pem(
                name + "-key",
                "PRIVATE KEY",
                keys.getKey(name, PASSWORD.toCharArray()).getEncoded());
    }

    private Path pem(String name, String kind, byte[] encoded) throws IOException {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded);
        return Files.writeString(
                folder.resolve(name + ".pem"),
                "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n");
    }

    /** A key and its certificate, which is its own authority, made by the JDK's keytool. */
    private KeyStore keys(String alias) throws Exception {
        Path file = folder.resolve(alias + ".p12");
        String tool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        Process keytool =
                new ProcessBuilder(
                                tool,
                                "-genkeypair",
                                "-alias",
                                alias,
                                "-keyalg",
                                "EC",
                                "-dname",
                                "CN=localhost",
                                "-ext",
                                "san=dns:localhost,ip:127.0.0.1",
                                "-validity",
                                "2",
                                "-storetype",
                                "PKCS12",
                                "-keystore",
                                file.toString(),
                                "-storepass",
                                PASSWORD)
                        .inheritIO()
                        .start();
        assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(keytool.exitValue()).isZero();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (var in = Files.newInputStream(file)) {
            store.load(in, PASSWORD.toCharArray());
        }
        return store;
    }
}
