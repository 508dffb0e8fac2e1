package io.flarepath.agent.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.flarepath.config.Configuration;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The token, the authority and the certificate that the agent is given. */
class CredentialsTest {
    private static final String PASSWORD = "password";

    @TempDir Path folder;

    private Configuration configuration(String... sets) throws Exception {
        return Configuration.load(null, Map.of(), List.of(sets));
    }

    @Test
    void reachesAServerThatAsksForACertificate() throws Exception {
        KeyStore server = keys("server");
        KeyStore agent = keys("agent");
        HttpsServer https = serve(server, agent);
        URI uri = URI.create("https://localhost:" + https.getAddress().getPort() + "/");
        Path token = Files.writeString(folder.resolve("token"), "a-token-of-the-agent\n");
        Configuration full =
                configuration(
                        "client.token=" + token,
                        "client.ca=" + certificate("server", server),
                        "client.certificate=" + certificate("agent", agent),
                        "client.key=" + key("agent", agent));
        try (HttpPost http = new HttpPost(Credentials.headers(full), Credentials.tls(full))) {
            HttpPost.Answer answer = post(http, uri);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(new String(answer.body(), java.nio.charset.StandardCharsets.UTF_8))
                    .isEqualTo("Bearer a-token-of-the-agent anonymous");
        }
        Configuration nameless = configuration("client.ca=" + certificate("server", server));
        try (HttpPost http =
                new HttpPost(Credentials.headers(nameless), Credentials.tls(nameless))) {
            assertThatThrownBy(() -> post(http, uri)).isInstanceOf(IOException.class);
        }
        try (HttpPost http = new HttpPost(Map.of())) {
            assertThatThrownBy(() -> post(http, uri))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("certification path");
        } finally {
            https.stop(0);
        }
    }

    @Test
    void whatCannotBeReadIsNamed() throws Exception {
        Path absent = folder.resolve("absent");
        assertThatThrownBy(() -> Credentials.headers(configuration("client.token=" + absent)))
                .hasMessageContaining("client.token")
                .hasMessageContaining("absent");
        Path text = Files.writeString(folder.resolve("text"), "two words");
        assertThatThrownBy(() -> Credentials.headers(configuration("client.token=" + text)))
                .hasMessageContaining("one token and nothing else");
        assertThatThrownBy(() -> Credentials.tls(configuration("client.ca=" + absent)))
                .hasMessageContaining("client.ca");
        assertThat(Credentials.tls(configuration())).isEmpty();
    }

    private static HttpPost.Answer post(HttpPost http, URI uri)
            throws IOException, InterruptedException {
        return http.send(uri, Map.of(), new byte[0], Duration.ofSeconds(20), 1_000);
    }

    private static HttpsServer serve(KeyStore own, KeyStore clients) throws Exception {
        KeyManagerFactory shown =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        shown.init(own, PASSWORD.toCharArray());
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("agent", clients.getCertificate("agent"));
        TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(shown.getKeyManagers(), trust.getTrustManagers(), null);
        HttpsServer https =
                HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        https.setHttpsConfigurator(
                new HttpsConfigurator(context) {
                    @Override
                    public void configure(HttpsParameters parameters) {
                        SSLParameters ssl = context.getDefaultSSLParameters();
                        ssl.setNeedClientAuth(true);
                        parameters.setSSLParameters(ssl);
                    }
                });
        https.createContext(
                "/",
                exchange -> {
                    String said =
                            exchange.getRequestHeaders().getFirst("Authorization")
                                    + " "
                                    + exchange.getRequestHeaders().getFirst("X-Scope-OrgID");
                    byte[] body = said.getBytes(java.nio.charset.StandardCharsets.UTF_8);
                    exchange.getRequestBody().readAllBytes();
                    exchange.sendResponseHeaders(200, body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                });
        https.start();
        return https;
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
