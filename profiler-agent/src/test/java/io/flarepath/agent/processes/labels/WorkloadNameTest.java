package io.flarepath.agent.processes.labels;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkloadNameTest {
    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    checkout-6d4b75cb6d-hwfg7,       checkout
                    coredns-5d78c9869d-4xzqk,        coredns
                    web-7d4b9c6f5-abc12,             web
                    my-long-app-name-84f6c9bd8-x7k2p, my-long-app-name
                    hpa-76f56f8-q8zkx,               hpa
                    app-3204913852-zx8wd,            app
                    node-exporter-x7k2p,             node-exporter
                    fluent-bit-zzhj4,                fluent-bit
                    postgres-0,                      postgres
                    kafka-broker-12,                 kafka-broker
                    report-28912345-kx7qp,           report
                    report-1733000000-kx7qp,         report
                    migrate-db-w2vqf,                migrate-db
                    etcd-node-1,                     etcd
                    kube-apiserver-node-1,           kube-apiserver
                    redis,                           redis
                    my-nginx,                        my-nginx
                    web-front,                       web-front
                    app-v1.2,                        app-v1.2
                    -x7k2p,                          -x7k2p
                    node-1,                          node
                    """)
    void dropsWhatControllersAdd(String pod, String workload) {
        assertThat(WorkloadName.of(pod, "node-1")).isEqualTo(workload);
    }
}
