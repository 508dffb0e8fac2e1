package io.flarepath.agent.processes.labels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResourceAttributesTest {
    private static final String UID = "6f1b3f5e-1c2d-4e5f-8a9b-0c1d2e3f4a5b";
    private static final String ID = "a1".repeat(32);
    private static final CgroupPlace POD = new CgroupPlace(UID, ID, "", "/kubepods/x");
    private static final CgroupPlace DOCKER = new CgroupPlace("", ID, "", "/docker/x");
    private static final CgroupPlace UNIT = new CgroupPlace("", "", "nginx", "/system.slice/x");

    private final ResourceAttributes attributes = new ResourceAttributes("node-1", "machine-1");

    @Test
    void namesTheServiceByTheFirstThatIsKnown() {
        EnvironmentLabels both =
                new EnvironmentLabels("one", Map.of("service.name", "two"), "", false);
        EnvironmentLabels second =
                new EnvironmentLabels("", Map.of("service.name", "two"), "", false);
        ContainerNames names = new ContainerNames("shop-6d4b75cb6d-hwfg7", "prod", "web");
        ContainerNames container = new ContainerNames("", "", "web");

        assertThat(service(both, POD, names)).isEqualTo("one");
        assertThat(service(second, POD, names)).isEqualTo("two");
        assertThat(service(EnvironmentLabels.NONE, POD, names)).isEqualTo("shop");
        assertThat(service(EnvironmentLabels.NONE, DOCKER, container)).isEqualTo("web");
        assertThat(service(EnvironmentLabels.NONE, UNIT, ContainerNames.NONE)).isEqualTo("nginx");
        assertThat(service(EnvironmentLabels.NONE, CgroupPlace.NONE, ContainerNames.NONE))
                .isEqualTo("Main");
        assertThat(attributes.of(facts("", EnvironmentLabels.NONE, POD, ContainerNames.NONE)))
                .containsEntry("service.name", "exe");
    }

    @Test
    void describesAPod() {
        ContainerNames names = new ContainerNames("shop-6d4b75cb6d-hwfg7", "prod", "web");

        assertThat(attributes.of(facts("", EnvironmentLabels.NONE, POD, names)))
                .containsOnly(
                        entry("service.name", "shop"),
                        entry("k8s.pod.name", "shop-6d4b75cb6d-hwfg7"),
                        entry("k8s.namespace.name", "prod"),
                        entry("k8s.container.name", "web"),
                        entry("k8s.pod.uid", UID),
                        entry("container.id", ID),
                        entry("host.name", "node-1"),
                        entry("runtime", "native"),
                        entry("comm", "comm"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"node-1", "machine-1"})
    void callsAPodByItsUidWhenItsNameIsThatOfTheNode(String name) {
        ContainerNames host = new ContainerNames(name, "", "");

        assertThat(attributes.of(facts("", EnvironmentLabels.NONE, POD, host)))
                .containsEntry("k8s.pod.name", UID)
                .containsEntry("service.name", "exe");
    }

    @Test
    void knowsNoPodOutsideKubernetes() {
        ContainerNames names = new ContainerNames("4f1e2d3c4b5a", "", "redis");

        assertThat(attributes.of(facts("", EnvironmentLabels.NONE, DOCKER, names)))
                .containsEntry("container.name", "redis")
                .containsEntry("container.id", ID)
                .containsEntry("service.name", "redis")
                .doesNotContainKeys("k8s.pod.name", "k8s.pod.uid", "k8s.container.name");
    }

    @Test
    void keepsWorkersOfTheKernelTogether() {
        assertThat(attributes.ofKernelThread("kworker/u8:3-events"))
                .containsOnly(
                        entry("service.name", "kernel"),
                        entry("host.name", "node-1"),
                        entry("comm", "kworker"));
        assertThat(attributes.ofKernelThread("ksoftirqd/0")).containsEntry("comm", "ksoftirqd");
    }

    @Test
    void cleansValuesThatTheServerWouldRefuse() {
        assertThat(ResourceAttributes.clean(" a\nb\u0000c ")).isEqualTo("a_b_c");
        assertThat(ResourceAttributes.clean("x".repeat(9_999))).hasSize(512);
        assertThat(ResourceAttributes.clean("a\ud800b")).isEqualTo("a_b");
        assertThat(ResourceAttributes.clean("a😀")).isEqualTo("a😀");
    }

    private String service(EnvironmentLabels env, CgroupPlace place, ContainerNames names) {
        return attributes.of(facts("Main", env, place, names)).getOrDefault("service.name", "");
    }

    private static ProcessFacts facts(
            String main, EnvironmentLabels env, CgroupPlace place, ContainerNames names) {
        return new ProcessFacts("exe", "comm", main, RuntimeKind.NATIVE, env, place, names);
    }
}
