package io.flarepath.api.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.api.ingest.upload.UploadClock;
import io.opentelemetry.proto.collector.profiles.v1development.ExportProfilesServiceRequest;
import io.opentelemetry.proto.collector.profiles.v1development.ExportProfilesServiceResponse;
import io.opentelemetry.proto.profiles.v1development.Stack;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientRequest;
import io.vertx.grpc.client.GrpcClientResponse;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GrpcIngestTest {
    private static final ServiceMethod<ExportProfilesServiceResponse, ExportProfilesServiceRequest>
            EXPORT =
                    ServiceMethod.client(
                            ServiceName.create(
                                    "opentelemetry.proto.collector.profiles.v1development",
                                    "ProfilesService"),
                            "Export",
                            GrpcMessageEncoder.encoder(),
                            GrpcMessageDecoder.decoder(ExportProfilesServiceResponse.newBuilder()));

    private final MemoryStore store = new MemoryStore();
    private final TestServer server = new TestServer(store);
    private final Vertx vertx = Vertx.vertx();
    private final GrpcClient client = GrpcClient.client(vertx);
    private final long now = UploadClock.systemNanos();

    @AfterEach
    void close() throws Exception {
        await(vertx.close());
        server.close();
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private GrpcClientResponse<ExportProfilesServiceRequest, ExportProfilesServiceResponse> export(
            ExportProfilesServiceRequest request, String encoding) throws Exception {
        GrpcClientRequest<ExportProfilesServiceRequest, ExportProfilesServiceResponse> call =
                await(
                        client.request(
                                SocketAddress.inetSocketAddress(server.port(), "127.0.0.1"),
                                EXPORT));
        return await(call.encoding(encoding).send(request));
    }

    @Test
    void exportIsStoredPlainAndCompressed() throws Exception {
        for (String encoding : new String[] {"identity", "gzip"}) {
            var response = export(OtlpRequests.golden(now).build(), encoding);
            assertThat(await(response.last()))
                    .isEqualTo(ExportProfilesServiceResponse.getDefaultInstance());
            assertThat(response.status()).isEqualTo(GrpcStatus.OK);
        }
        assertThat(store.profiles()).hasSize(2);
        assertThat(store.profiles().get(1).total()).isEqualTo(100 * 10_309_278L);
        assertThat(store.calledOnEventLoop).isFalse();
    }

    @Test
    void badRequestHasTheStatusAndTheReason() throws Exception {
        OtlpRequests bad = OtlpRequests.golden(now);
        bad.dictionary.addStackTable(Stack.newBuilder().addLocationIndices(99));
        var response = export(bad.build(), "identity");
        assertThatThrownBy(() -> await(response.last())).isNotNull();
        assertThat(response.status()).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
        assertThat(response.statusMessage()).contains("location_table");
        assertThat(store.profiles()).isEmpty();
    }
}
