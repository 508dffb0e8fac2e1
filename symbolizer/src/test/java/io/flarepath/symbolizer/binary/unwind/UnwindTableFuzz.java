package io.flarepath.symbolizer.binary.unwind;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.flarepath.symbolizer.binary.MalformedBinaryException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Tag;

/** Any bytes behind a good header are looked up within bounds, or refused. */
@Tag("fuzz")
final class UnwindTableFuzz {
    @FuzzTest
    void anyBytesAreLookedUpOrRefused(byte[] bytes) {
        byte[] image = bytes.clone();
        if (image.length >= UnwindTableLayout.HEADER_BYTES) {
            ByteBuffer.wrap(image)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(0, UnwindTableLayout.MAGIC)
                    .putInt(UnwindTableLayout.VERSION_AT, UnwindTableLayout.VERSION)
                    .putLong(UnwindTableLayout.BYTES_AT, image.length);
        }
        try {
            UnwindTable table = UnwindTable.of(image);
            short[] numbers = new short[table.ruleCount()];
            for (int page = 0; page < Math.min(16, table.pageCount()); page++) {
                ByteBuffer rows = ByteBuffer.allocate(4 * table.rowsOf(page));
                table.copyRows(page, rows.order(ByteOrder.LITTLE_ENDIAN), numbers);
                table.find(((table.pageBase() + page) << 16) + 4711);
            }
            for (int rule = 0; rule < Math.min(64, table.ruleCount()); rule++) {
                table.putRule(rule, ByteBuffer.allocate(UnwindRule.BYTES));
            }
            table.find(0);
            table.find(Long.MAX_VALUE);
        } catch (MalformedBinaryException e) {
            // the answer to a damaged file
        }
    }
}
