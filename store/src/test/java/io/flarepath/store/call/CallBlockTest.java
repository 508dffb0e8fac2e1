package io.flarepath.store.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.ZstdPool;
import io.flarepath.store.profile.Labels;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CallBlockTest {
    private static final ZstdPool ZSTD = new ZstdPool();
    private static final long START = 1_800_000_000_000_000_000L;

    /** A call and its index, of version 6 of the store. */
    private static final String GOLDEN_BLOCK =
            "fca1010176037aed0802e807ac02140101d00128b52ffd20d03d050052892227a03907c00000002100e09676d3"
                    + "ca26d27b88e8242210930a26747f5a4617dffdddb6a54c32c914efed32d3bdcb00d8dae29899dfeb768eb935b8"
                    + "940ceedb4af6b67729f064054ea0e1d66ec5c7c2a946a4fae5240e74ca0b56933a7f6c36d594efd6f3976310af"
                    + "0fc1a9e49f3a6bf5068214ee4d91e4e8bfecfd1a2984618a24467ea45ea383c10c020b0029418081c1c0606030"
                    + "3018186e5420383767092a16e69a4f";

    private static final String GOLDEN_INDEX =
            "fca701008153b6ed0a02e807ac02140101c30109e85f0a7708e77117d1";

    @AfterAll
    static void free() {
        ZSTD.close();
    }

    private static List<Call> random(Random random, int count) {
        List<Call> calls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            calls.add(Calls.random(random, START, START + 600_000_000_000L));
        }
        calls.sort(Comparator.comparing(Call::place, CallPlace.NEWEST.reversed()));
        return calls;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whatIsPackedIsUnpacked(long seed) {
        Random random = new Random(seed);
        for (int count : new int[] {1, 2, 7, 300, CallBlock.MOST_CALLS}) {
            List<Call> calls = random(random, count);
            CallBlock.Packed packed = CallBlock.encode(calls, ZSTD);
            CallBlock block = CallBlock.open(packed.block(), ZSTD);
            assertThat(block.all()).as("seed %d", seed).isEqualTo(calls);
            CallIndex index = CallIndex.open(packed.index(), ZSTD);
            assertThat(index.summary()).isEqualTo(CallBlock.summary(packed.block()));
            assertThat(index.blockBytes()).isEqualTo(packed.block().length);
            assertThat(index.summary().longestNanos())
                    .isEqualTo(calls.stream().mapToLong(Call::durationNanos).max().orElseThrow());
            assertThat(index.summary().failed())
                    .isEqualTo((int) calls.stream().filter(Call::failed).count());
        }
    }

    @Test
    void theIndexKnowsEachTraceAndHardlyAnyOther() {
        Random random = new Random(7);
        List<Call> calls = random(random, CallBlock.MOST_CALLS);
        CallIndex index = CallIndex.open(CallBlock.encode(calls, ZSTD).index(), ZSTD);
        assertThat(calls)
                .allMatch(
                        call -> index.mayHold(TermFilter.trace(call.traceHigh(), call.traceLow())));
        int wrong = 0;
        for (int i = 0; i < 10_000; i++) {
            wrong += index.mayHold(TermFilter.trace(random.nextLong(), random.nextLong())) ? 1 : 0;
        }
        assertThat(wrong).as("of 10,000 that are not there").isBetween(1, 200);
    }

    @Test
    void blocksAreCutByNumberAndBySize() {
        List<Call> many = random(new Random(8), 2 * CallBlock.MOST_CALLS + 1);
        assertThat(CallBlock.cut(many))
                .extracting(List::size)
                .containsExactly(CallBlock.MOST_CALLS, CallBlock.MOST_CALLS, 1);
        Call large = Calls.of(1, START, 1, "db.query.text", "x".repeat(5 << 20));
        assertThat(CallBlock.cut(List.of(large, large, large))).hasSize(3);
        assertThat(CallBlock.cut(List.of())).isEmpty();
    }

    @Test
    void theFormatIsTheWrittenOne() {
        CallBlock.Packed packed = golden();
        assertThat(HexFormat.of().formatHex(packed.block())).isEqualTo(GOLDEN_BLOCK);
        assertThat(HexFormat.of().formatHex(packed.index())).isEqualTo(GOLDEN_INDEX);
    }

    private static CallBlock.Packed golden() {
        return CallBlock.encode(
                List.of(Calls.of(5, 1000, 20), Calls.of(6, 1300, 7, "error.type", "500")), ZSTD);
    }

    @Test
    void everyFlippedBitIsFound() {
        byte[] block = golden().block();
        byte[] index = golden().index();
        for (int bit = 0; bit < block.length * 8; bit++) {
            byte[] flipped = block.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertThatThrownBy(() -> CallBlock.open(flipped, ZSTD).all())
                    .isInstanceOf(CorruptValueException.class);
        }
        for (int bit = 0; bit < index.length * 8; bit++) {
            byte[] flipped = index.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertThatThrownBy(() -> CallIndex.open(flipped, ZSTD))
                    .isInstanceOf(CorruptValueException.class);
        }
    }

    @Test
    void wordsAreFoundUnderNewAndOldNames() {
        assertThat(
                        words(
                                "http.request.method",
                                "GET",
                                "http.route",
                                "/a",
                                "network.peer.address",
                                "::1"))
                .isEqualTo(new CallWords("http", "GET", "/a", "", "::1"));
        assertThat(
                        words(
                                "http.method",
                                "PUT",
                                "http.status_code",
                                "503",
                                "net.peer.ip",
                                "10.0.0.1"))
                .isEqualTo(new CallWords("http", "PUT", "", "503", "10.0.0.1"));
        assertThat(words("rpc.system", "grpc", "rpc.service", "a.B", "rpc.method", "C"))
                .isEqualTo(new CallWords("rpc", "", "a.B/C", "", ""));
        assertThat(
                        words(
                                "rpc.system.name",
                                "grpc",
                                "rpc.method",
                                "a.B/C",
                                "rpc.response.status_code",
                                "OK"))
                .isEqualTo(new CallWords("rpc", "", "a.B/C", "OK", ""));
        assertThat(
                        words(
                                "db.system.name",
                                "mysql",
                                "db.operation.name",
                                "SELECT",
                                "db.collection.name",
                                "t"))
                .isEqualTo(new CallWords("mysql", "SELECT", "t", "", ""));
        assertThat(words("messaging.system", "kafka", "messaging.destination.name", "orders"))
                .isEqualTo(new CallWords("kafka", "", "orders", "", ""));
        assertThat(words("dns.question.name", "a.b", "dns.question.type", "AAAA"))
                .isEqualTo(new CallWords("dns", "AAAA", "a.b", "", ""));
        assertThat(words("something", "else")).isEqualTo(new CallWords("", "", "", "", ""));
        assertThat(
                        CallWords.of(
                                CallRole.CLIENT,
                                Labels.of(
                                        Map.of(
                                                "server.address",
                                                "db.local",
                                                "network.peer.address",
                                                "10.0.0.9"))))
                .as("a client says whom it asked")
                .isEqualTo(new CallWords("", "", "", "", "db.local"));
    }

    private static CallWords words(String... attributes) {
        Map<String, String> all = new HashMap<>();
        for (int i = 0; i < attributes.length; i += 2) {
            all.put(attributes[i], attributes[i + 1]);
        }
        return CallWords.of(CallRole.SERVER, Labels.of(all));
    }
}
