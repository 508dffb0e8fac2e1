package io.flarepath.agent.processes;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.flarepath.agent.processes.labels.ContainerNames;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What container runtimes write down of their containers on this machine: Docker's {@code
 * config.v2.json} with the container's name, and the OCI bundles of containerd and CRI-O whose
 * annotations name pod, namespace and container (the keys of containerd's CRI plugin and of the
 * kubelet). The files belong to root and are read in streams, at most so many bytes.
 */
final class RuntimeRecords {
    private static final long MAX_BYTES = 4 << 20;

    private static final List<String> BUNDLES =
            List.of(
                    "run/containerd/io.containerd.runtime.v2.task/k8s.io/%s/config.json",
                    "run/k3s/containerd/io.containerd.runtime.v2.task/k8s.io/%s/config.json",
                    "var/lib/docker/containers/%s/config.v2.json",
                    "run/containers/storage/overlay-containers/%s/userdata/config.json",
                    "var/lib/containers/storage/overlay-containers/%s/userdata/config.json");

    private final JsonFactory json =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxDocumentLength(MAX_BYTES)
                                    .maxNestingDepth(64)
                                    .build())
                    .build();
    private final Path root;

    /**
     * @param root this machine's root directory
     */
    RuntimeRecords(Path root) {
        this.root = root;
    }

    /** Names of the container, each empty where no runtime tells. */
    ContainerNames of(String containerId) {
        if (containerId.isEmpty()) {
            return ContainerNames.NONE;
        }
        for (String bundle : BUNDLES) {
            Path file = root.resolve(bundle.formatted(containerId));
            if (Files.isRegularFile(file)) {
                return read(file);
            }
        }
        return ContainerNames.NONE;
    }

    private ContainerNames read(Path file) {
        String pod = "";
        String namespace = "";
        String container = "";
        try (InputStream in = Files.newInputStream(file);
                JsonParser parser = json.createParser(in)) {
            int depth = 0;
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
                if (token != JsonToken.FIELD_NAME) {
                    continue;
                }
                String key = parser.currentName();
                switch (key) {
                    case "io.kubernetes.cri.sandbox-name", "io.kubernetes.pod.name" ->
                            pod = text(parser);
                    case "io.kubernetes.cri.sandbox-namespace", "io.kubernetes.pod.namespace" ->
                            namespace = text(parser);
                    case "io.kubernetes.cri.container-name", "io.kubernetes.container.name" ->
                            container = text(parser);
                    case "Name" -> container = depth == 1 ? dockerName(parser) : container;
                    default -> {}
                }
            }
        } catch (IOException e) {
            // Half written or of another form: what was read so far is right all the same.
            return new ContainerNames(pod, namespace, container);
        }
        return new ContainerNames(pod, namespace, container);
    }

    private static String dockerName(JsonParser parser) throws IOException {
        String name = text(parser);
        return name.startsWith("/") ? name.substring(1) : name;
    }

    private static String text(JsonParser parser) throws IOException {
        String text = parser.nextTextValue();
        return text == null ? "" : text;
    }
}
