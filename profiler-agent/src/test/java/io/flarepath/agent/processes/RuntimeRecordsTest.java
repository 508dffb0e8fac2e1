package io.flarepath.agent.processes;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.agent.processes.labels.ContainerNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RuntimeRecordsTest {
    private static final String ID = "0123456789abcdef".repeat(4);

    @TempDir Path root;

    @Test
    void readsTheNameThatDockerGave() throws Exception {
        write(
                "var/lib/docker/containers/" + ID + "/config.v2.json",
                """
                {"State":{"Name":"no","Running":true},"Config":{"Labels":{"Name":"no"}},"Name":"/shop_db_1"}
                """);

        assertThat(names()).isEqualTo(new ContainerNames("", "", "shop_db_1"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "run/containerd/io.containerd.runtime.v2.task/k8s.io/",
                "run/k3s/containerd/io.containerd.runtime.v2.task/k8s.io/"
            })
    void readsTheAnnotationsOfContainerd(String folder) throws Exception {
        write(
                folder + ID + "/config.json",
                """
                {"ociVersion":"1.1","process":{"args":["a"]},"annotations":{
                 "io.kubernetes.cri.container-name":"app",
                 "io.kubernetes.cri.sandbox-name":"shop-6d4b75cb6d-hwfg7",
                 "io.kubernetes.cri.sandbox-namespace":"prod"}}
                """);

        assertThat(names()).isEqualTo(new ContainerNames("shop-6d4b75cb6d-hwfg7", "prod", "app"));
    }

    @Test
    void readsTheAnnotationsOfCriO() throws Exception {
        write(
                "run/containers/storage/overlay-containers/" + ID + "/userdata/config.json",
                """
                {"annotations":{"io.kubernetes.pod.name":"p","io.kubernetes.pod.namespace":"n",
                 "io.kubernetes.container.name":"c"}}
                """);

        assertThat(names()).isEqualTo(new ContainerNames("p", "n", "c"));
    }

    @Test
    void keepsWhatStoodBeforeAFault() throws Exception {
        write(
                "var/lib/docker/containers/" + ID + "/config.v2.json",
                "{\"Name\":\"/half\",\"Config\":{\"Env\":[");

        assertThat(names().container()).isEqualTo("half");
    }

    @Test
    void knowsNothingOfWhatNoRuntimeWrote() throws Exception {
        write("var/lib/docker/containers/" + ID + "/config.v2.json", "[".repeat(1000));

        assertThat(names()).isEqualTo(ContainerNames.NONE);
        assertThat(new RuntimeRecords(root).of("")).isEqualTo(ContainerNames.NONE);
        assertThat(new RuntimeRecords(root).of("f".repeat(64))).isEqualTo(ContainerNames.NONE);
    }

    private ContainerNames names() {
        return new RuntimeRecords(root).of(ID);
    }

    private void write(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
