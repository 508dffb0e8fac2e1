package io.flarepath.agent.requests.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.bpf.TlsFunction;
import io.flarepath.symbolizer.binary.ByteSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Files are hostile: what is found always lies in code of the file. */
class TlsSymbolsTest {
    private static final int CODE_OFFSET = 0x1000;
    private static final int CODE_BYTES = 0x100;
    private static final long CODE_ADDRESS = 0x401000;
    private static final int FUNCTION = 2;
    private static final int OBJECT = 1;

    private record Symbol(String name, int type, int section, long address) {}

    /** An ELF file with one segment of code and one table of symbols. */
    private static byte[] file(List<Symbol> symbols) {
        StringBuilder strings = new StringBuilder("\0");
        ByteBuffer table = ByteBuffer.allocate(24 * (symbols.size() + 1));
        table.order(ByteOrder.LITTLE_ENDIAN).position(24);
        for (Symbol symbol : symbols) {
            table.putInt(strings.length())
                    .put((byte) symbol.type)
                    .put((byte) 0)
                    .putShort((short) symbol.section)
                    .putLong(symbol.address)
                    .putLong(16);
            strings.append(symbol.name).append('\0');
        }
        byte[] names = strings.toString().getBytes(StandardCharsets.ISO_8859_1);
        int tableAt = CODE_OFFSET + CODE_BYTES;
        int namesAt = tableAt + table.capacity();
        int sectionsAt = namesAt + names.length;
        ByteBuffer file = ByteBuffer.allocate(sectionsAt + 3 * 64).order(ByteOrder.LITTLE_ENDIAN);
        file.putInt(0, 0x464c457f).put(4, (byte) 2).put(5, (byte) 1);
        file.putLong(32, 64).putLong(40, sectionsAt);
        file.putShort(54, (short) 56).putShort(56, (short) 1);
        file.putShort(58, (short) 64).putShort(60, (short) 3);
        file.putInt(64, 1).putInt(68, 5).putLong(72, CODE_OFFSET).putLong(80, CODE_ADDRESS);
        file.putLong(96, CODE_BYTES).putLong(104, CODE_BYTES);
        file.put(tableAt, table.array()).put(namesAt, names);
        int section = sectionsAt + 64;
        file.putInt(section + 4, 2).putLong(section + 24, tableAt);
        file.putLong(section + 32, table.capacity()).putInt(section + 40, 2);
        section += 64;
        file.putInt(section + 4, 3).putLong(section + 24, namesAt);
        file.putLong(section + 32, names.length);
        return file.array();
    }

    private static Symbol function(String name, int at) {
        return new Symbol(name, FUNCTION, 1, CODE_ADDRESS + at);
    }

    private static Map<Long, TlsFunction> of(byte[] file) throws IOException {
        return TlsSymbols.of(ByteSource.of(file));
    }

    @Test
    void functionsAreFoundByTheirWholeName() throws IOException {
        Map<Long, TlsFunction> found =
                of(
                        file(
                                List.of(
                                        function("SSL_read", 0),
                                        function("SSL_read_ex2", 16),
                                        function("SSL_write_ex", 32),
                                        function("my_SSL_write", 48),
                                        function("SSL_new", 64),
                                        function("SSL_peek", 80))));
        assertThat(found)
                .containsOnly(
                        Map.entry((long) CODE_OFFSET, TlsFunction.READ),
                        Map.entry(CODE_OFFSET + 32L, TlsFunction.WRITE_EX),
                        Map.entry(CODE_OFFSET + 64L, TlsFunction.NEW));
    }

    @Test
    void whatIsNoCodeOfTheFileIsNotFound() throws IOException {
        assertThat(
                        of(
                                file(
                                        List.of(
                                                function("SSL_read", 0),
                                                new Symbol("SSL_write", OBJECT, 1, CODE_ADDRESS)))))
                .as("an object")
                .isEmpty();
        assertThat(
                        of(
                                file(
                                        List.of(
                                                function("SSL_read", 0),
                                                new Symbol(
                                                        "SSL_write", FUNCTION, 0, CODE_ADDRESS)))))
                .as("of another file")
                .isEmpty();
        assertThat(of(file(List.of(function("SSL_read", 0), function("SSL_write", CODE_BYTES)))))
                .as("behind the code")
                .isEmpty();
    }

    @Test
    void aFileThatOnlyReadsIsNotOpenSsl() throws IOException {
        assertThat(of(file(List.of(function("SSL_read", 0), function("SSL_new", 16))))).isEmpty();
    }

    @Test
    void whateverIsInAFileAllThatIsFoundLiesInIt() {
        byte[] good = file(List.of(function("SSL_read", 0), function("SSL_write", 16)));
        Random random = new Random(11);
        int found = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bad = good.clone();
            for (int j = random.nextInt(4); j >= 0; j--) {
                int at = random.nextInt(4) > 0 ? random.nextInt(200) : random.nextInt(bad.length);
                int where = random.nextBoolean() ? at : bad.length - 1 - at % 300;
                bad[where] = (byte) random.nextInt(256);
            }
            try {
                for (long offset : of(bad).keySet()) {
                    found++;
                    assertThat(offset).isBetween(0L, (long) bad.length - 1);
                }
            } catch (IOException e) {
                assertThat(e).hasMessageNotContaining("null");
            }
        }
        assertThat(found).isPositive();
    }
}
