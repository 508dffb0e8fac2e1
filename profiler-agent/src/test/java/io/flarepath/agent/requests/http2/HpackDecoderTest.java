package io.flarepath.agent.requests.http2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersEncoder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Netty's encoder and the examples of RFC 7541 say what blocks hold. */
class HpackDecoderTest {
    private static List<String> decode(HpackDecoder decoder, byte[] block) {
        List<String> fields = new ArrayList<>();
        boolean whole =
                decoder.decode(
                        block, block.length, (name, value) -> fields.add(name + "=" + value));
        assertThat(whole).isTrue();
        return fields;
    }

    private static byte[] encode(Http2HeadersEncoder encoder, Http2Headers headers)
            throws Http2Exception {
        ByteBuf out = Unpooled.buffer();
        encoder.encodeHeaders(3, headers, out);
        byte[] block = new byte[out.readableBytes()];
        out.readBytes(block);
        out.release();
        return block;
    }

    private static Http2Headers headers(Random random) {
        Http2Headers headers = new DefaultHttp2Headers();
        headers.method(random.nextBoolean() ? "GET" : "PATCH");
        headers.path("/r/" + random.nextInt(20) + "?q=" + "€~ÿ".charAt(random.nextInt(3)));
        headers.authority("host-" + random.nextInt(3));
        headers.add("cookie", "secret-" + random.nextInt(5));
        headers.add("x-" + random.nextInt(30), "v".repeat(random.nextInt(200)));
        headers.add("traceparent", "00-" + random.nextLong());
        headers.add("content-type", "application/grpc");
        return headers;
    }

    /** What a decoder should tell: wanted values, and the others empty. */
    private static List<String> told(Http2Headers headers) {
        List<String> fields = new ArrayList<>();
        headers.forEach(field -> {
            String name = field.getKey().toString();
            boolean hidden = name.equals("cookie") || name.startsWith("x-");
            fields.add(name + "=" + (hidden ? "" : latin1(field.getValue().toString())));
        });
        return fields;
    }

    /** Netty writes a character beyond Latin-1 as a question mark. */
    private static String latin1(String text) {
        return text.replace('€', '?');
    }

    @Test
    void blocksOfNettyAreReadAndSecretsAreNot() throws Http2Exception {
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            Http2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder();
            HpackDecoder decoder = new HpackDecoder(true);
            for (int i = 0; i < 60; i++) {
                Http2Headers headers = headers(random);
                assertThat(decode(decoder, encode(encoder, headers))).isEqualTo(told(headers));
            }
        }
    }

    @Test
    void whoComesLateKnowsWhatCameSince() throws Http2Exception {
        int unknown = 0;
        int known = 0;
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            Http2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder();
            for (int i = 0; i < 20; i++) {
                encode(encoder, headers(random));
            }
            HpackDecoder decoder = new HpackDecoder(false);
            for (int i = 0; i < 60; i++) {
                Http2Headers headers = headers(random);
                List<String> told = told(headers);
                List<String> fields = decode(decoder, encode(encoder, headers));
                assertThat(fields).hasSameSizeAs(told);
                for (int f = 0; f < fields.size(); f++) {
                    if (fields.get(f).startsWith("null=")) {
                        unknown++;
                    } else {
                        assertThat(fields.get(f)).isEqualTo(told.get(f));
                        known++;
                    }
                }
            }
        }
        assertThat(unknown).isPositive();
        assertThat(known).isGreaterThan(unknown);
    }

    /** RFC 7541, appendix C.4: three requests with Huffman codes on one connection. */
    @Test
    void examplesOfTheStandard() {
        HpackDecoder decoder = new HpackDecoder(true);
        HexFormat hex = HexFormat.of();
        assertThat(decode(decoder, hex.parseHex("828684418cf1e3c2e5f23a6ba0ab90f4ff")))
                .containsExactly(
                        ":method=GET", ":scheme=http", ":path=/", ":authority=www.example.com");
        assertThat(decode(decoder, hex.parseHex("828684be5886a8eb10649cbf")))
                .contains(":authority=www.example.com", "cache-control=");
        assertThat(
                        decode(
                                decoder,
                                hex.parseHex("828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf")))
                .contains(":path=/index.html", ":authority=www.example.com", "custom-key=");
    }

    @Test
    void anIndexThatDoesNotExistIsAnErrorOnlyOfAWholeConnection() {
        byte[] block = {(byte) 0xfe};
        HpackDecoder whole = new HpackDecoder(true);
        assertThat(whole.decode(block, 1, (name, value) -> {})).isFalse();
        List<String> fields = new ArrayList<>();
        HpackDecoder late = new HpackDecoder(false);
        assertThat(late.decode(block, 1, (name, value) -> fields.add(name + value))).isTrue();
        assertThat(fields).containsExactly("null");
    }
}
