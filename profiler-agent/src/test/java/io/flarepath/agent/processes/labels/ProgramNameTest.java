package io.flarepath.agent.processes.labels;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgramNameTest {
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                // file, argument, comm, name
                "redis-check-rdb, redis-server *:6379, redis-server, redis-server",
                "redis-check-rdb, /usr/bin/redis-server, redis-server, redis-server",
                "busybox, /bin/httpd, httpd, httpd",
                "busybox, a-very-long-program-name, a-very-long-pro, a-very-long-program-name",
                "python3.11, python3, python3, python3.11",
                "python3.11, /usr/bin/python3, gunicorn, python3.11",
                "nginx, nginx: worker process, nginx, nginx",
                "bash, -bash, bash, bash",
                "chromium, /proc/self/exe --type=zygote, exe, chromium",
                "shop, '', shop, shop",
                "shop, pay, worker, shop",
                "'', job, job, job",
            })
    void aProgramIsCalledByTheNameThatTheKernelHasToo(
            String file, String argument, String comm, String name) {
        assertThat(ProgramName.of(file, argument, comm)).isEqualTo(name);
    }
}
