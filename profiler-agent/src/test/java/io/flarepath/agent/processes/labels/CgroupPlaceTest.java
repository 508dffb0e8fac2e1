package io.flarepath.agent.processes.labels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CgroupPlaceTest {
    private static final String ID = "a1b2".repeat(16);
    private static final String INNER = "c3d4".repeat(16);
    private static final String UID = "6f1b3f5e-1c2d-4e5f-8a9b-0c1d2e3f4a5b";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            textBlock =
                    """
                    /kubepods/burstable/podUID/ID                                      | UID | ID | -
                    /kubepods/podUID/ID                                                | UID | ID | -
                    /kubepods/besteffort/pod0123456789abcdef0123456789abcdef/ID        | 0123456789abcdef0123456789abcdef | ID | -
                    /kubepods/burstable/podUID                                         | UID | -  | -
                    /kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podSYS.slice/cri-containerd-ID.scope | UID | ID | -
                    /kubepods.slice/kubepods-podSYS.slice/crio-ID.scope                | UID | ID | -
                    /kubepods.slice/kubepods-podSYS.slice/crio-ID.scope/container      | UID | ID | -
                    /kubepods.slice/kubepods-podSYS.slice/crio-conmon-ID.scope         | -   | -  | -
                    /kubepods/burstable/podUID/crio-ID                                 | UID | ID | -
                    /kubepods.slice/kubepods-podSYS.slice/docker-ID.scope              | UID | ID | -
                    /system.slice/containerd.service/kubepods-burstable-podSYS.slice:cri-containerd:ID | UID | ID | -
                    /kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice/kubelet-kubepods-besteffort-podSYS.slice/cri-containerd-ID.scope | UID | ID | -
                    /docker/OUT/kubelet/kubepods/burstable/podUID/ID                   | UID | ID | -
                    /docker/OUT/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-podSYS.slice/cri-containerd-ID.scope | UID | ID | -
                    /kubepods/burstable/podUID/OUT/docker/ID                           | UID | ID | -
                    /docker/ID                                                         | -   | ID | -
                    /docker/OUT/docker/ID                                              | -   | ID | -
                    /system.slice/docker-ID.scope                                      | -   | ID | -
                    /docker/ID/system.slice/kubelet.service                            | -   | ID | kubelet
                    /machine.slice/libpod-ID.scope                                     | -   | ID | -
                    /machine.slice/libpod-ID.scope/container                           | -   | ID | -
                    /machine.slice/libpod-conmon-ID.scope                              | -   | -  | -
                    /user.slice/user-1000.slice/user@1000.service/user.slice/libpod-ID.scope/container | - | ID | -
                    /libpod_parent/libpod-ID                                           | -   | ID | -
                    /system.slice/nginx.service                                        | -   | -  | nginx
                    /system.slice/system-postgresql.slice/postgresql@15-main.service   | -   | -  | postgresql@15-main
                    /system.slice/my\\x2dapp.service/worker                            | -   | -  | my-app
                    /user.slice/user-1000.slice/session-3.scope                        | -   | -  | -
                    /user.slice/user-1000.slice/user@1000.service/init.scope           | -   | -  | -
                    /user.slice/user-1000.slice/user@1000.service/app.slice/syncthing.service | - | - | syncthing
                    /init.scope                                                        | -   | -  | -
                    /process_api/0123456789abcdef0123456789abcdef                      | -   | -  | -
                    /podcast/server                                                    | -   | -  | -
                    /                                                                  | -   | -  | -
                    """)
    void knowsTheFormsOfPaths(String path, String pod, String container, String unit) {
        CgroupPlace place = CgroupPlace.parse("0::" + fill(path) + "\n");

        assertThat(place.podUid()).isEqualTo(pod == null ? "" : fill(pod));
        assertThat(place.containerId()).isEqualTo(container == null ? "" : fill(container));
        assertThat(place.unit()).isEqualTo(unit == null ? "" : unit);
    }

    @Test
    void takesTheHierarchyThatKnowsMost() {
        CgroupPlace place =
                CgroupPlace.parse(
                        fill(
                                """
                                9:name=systemd:/system.slice/ssh.service
                                4:memory:/kubepods/burstable/podUID/ID
                                3:cpuset:/
                                1:cpu,cpuacct:/kubepods/burstable/podUID
                                0::/
                                """));

        assertThat(place.podUid()).isEqualTo(UID);
        assertThat(place.containerId()).isEqualTo(ID);
        assertThat(place.path()).isEqualTo(fill("/kubepods/burstable/podUID/ID"));
    }

    @Test
    void findsTheUnitWhereOnlySystemdsOwnHierarchyNamesIt() {
        CgroupPlace place =
                CgroupPlace.parse("9:name=systemd:/system.slice/cron.service\n4:memory:/x\n0::/\n");

        assertThat(place.unit()).isEqualTo("cron");
    }

    @Test
    void survivesAnyText() {
        long seed = Long.getLong("flarepath.seed", 97);
        Random random = new Random(seed);
        String alphabet = "0:/\npod-.slicescope@abc64\\x_k";
        for (int round = 0; round < 2_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(200); i > 0; i--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            assertThat(CgroupPlace.parse(text.toString())).as("seed %d", seed).isNotNull();
        }
    }

    private static String fill(String text) {
        return text.replace("UID", UID)
                .replace("SYS", UID.replace('-', '_'))
                .replace("OUT", INNER)
                .replace("ID", ID);
    }
}
