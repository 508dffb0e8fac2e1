package io.flarepath.agent.export;

import io.flarepath.config.Configuration;
import io.flarepath.config.Setting;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Who the agent says it is, and which servers it believes. Files are read once, at the start. */
public final class Credentials {
    private static final Pattern KEY =
            Pattern.compile(
                    "-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    private static final List<String> KEY_KINDS = List.of("RSA", "EC", "EdDSA");

    /** Of a key store that lives in memory, and never leaves it. */
    private static final char[] PASSWORD = UUID.randomUUID().toString().toCharArray();

    private Credentials() {}

    /**
     * What is sent with each request: the tenant, and the token if there is one.
     *
     * @throws IOException when the token cannot be read; the message names the setting
     */
    public static Map<String, String> headers(Configuration configuration) throws IOException {
        Map<String, String> headers = new HashMap<>();
        headers.put("X-Scope-OrgID", configuration.text(Setting.TENANT));
        Optional<Path> file = configuration.optionalPath(Setting.CLIENT_TOKEN);
        if (file.isPresent()) {
            String token = text(Setting.CLIENT_TOKEN, file.get()).strip();
            if (token.isEmpty() || token.chars().anyMatch(c -> c <= ' ' || c > '~')) {
                throw new IOException(
                        file.get()
                                + " (setting "
                                + Setting.CLIENT_TOKEN.key()
                                + ") must hold one token and nothing else");
            }
            headers.put("Authorization", "Bearer " + token);
        }
        return headers;
    }

    /**
     * How TLS is spoken; empty when nothing is set, and the JVM's own way will do.
     *
     * @throws IOException when a file cannot be read; the message names the setting
     */
    public static Optional<SSLContext> tls(Configuration configuration) throws IOException {
        Optional<Path> ca = configuration.optionalPath(Setting.CLIENT_CA);
        Optional<Path> certificate = configuration.optionalPath(Setting.CLIENT_CERTIFICATE);
        Optional<Path> key = configuration.optionalPath(Setting.CLIENT_KEY);
        if (ca.isEmpty() && certificate.isEmpty()) {
            return Optional.empty();
        }
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    certificate.isEmpty() || key.isEmpty()
                            ? null
                            : shown(certificate.get(), key.get()),
                    ca.isEmpty() ? null : trusted(ca.get()),
                    null);
            return Optional.of(context);
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    "the certificates of the settings client.… cannot be used: " + e.getMessage(),
                    e);
        }
    }

    private static TrustManager @Nullable [] trusted(Path file)
            throws IOException, GeneralSecurityException {
        KeyStore store = emptyStore();
        int number = 0;
        for (Certificate each : certificates(Setting.CLIENT_CA, file)) {
            store.setCertificateEntry("ca" + number++, each);
        }
        TrustManagerFactory factory =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static KeyManager @Nullable [] shown(Path certificate, Path key)
            throws IOException, GeneralSecurityException {
        KeyStore store = emptyStore();
        store.setKeyEntry(
                "agent",
                privateKey(key),
                PASSWORD,
                certificates(Setting.CLIENT_CERTIFICATE, certificate).toArray(Certificate[]::new));
        KeyManagerFactory factory =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, PASSWORD);
        return factory.getKeyManagers();
    }

    private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, PASSWORD);
        return store;
    }

    private static Collection<? extends Certificate> certificates(Setting setting, Path file)
            throws IOException, GeneralSecurityException {
        byte[] pem = text(setting, file).getBytes(StandardCharsets.US_ASCII);
        Collection<? extends Certificate> found =
                CertificateFactory.getInstance("X.509")
                        .generateCertificates(new ByteArrayInputStream(pem));
        if (found.isEmpty()) {
            throw new IOException(file + " (setting " + setting.key() + ") holds no certificate");
        }
        return found;
    }

    private static PrivateKey privateKey(Path file) throws IOException, GeneralSecurityException {
        Matcher matcher = KEY.matcher(text(Setting.CLIENT_KEY, file));
        if (!matcher.find()) {
            throw new IOException(
                    file
                            + " (setting client.key) holds no PKCS#8 key: make one with openssl"
                            + " pkcs8 -topk8 -nocrypt");
        }
        byte[] encoded = Base64.getMimeDecoder().decode(matcher.group(1));
        for (String kind : KEY_KINDS) {
            try {
                return KeyFactory.getInstance(kind)
                        .generatePrivate(new PKCS8EncodedKeySpec(encoded));
            } catch (InvalidKeySpecException e) {
                // Of another kind, perhaps.
            }
        }
        throw new IOException(file + " (setting client.key) is a key of no known kind");
    }

    private static String text(Setting setting, Path file) throws IOException {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IOException(
                    "the file " + file + " (setting " + setting.key() + ") cannot be read: " + e,
                    e);
        }
    }
}
