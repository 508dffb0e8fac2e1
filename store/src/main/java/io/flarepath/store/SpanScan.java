package io.flarepath.store;

import io.flarepath.store.chunk.ProfileKey;
import io.flarepath.store.chunk.SpanChunk;
import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.engine.Cursor;
import io.flarepath.store.engine.Family;
import io.flarepath.store.engine.View;
import io.flarepath.store.index.Selected;
import io.flarepath.store.query.Allowance;
import io.flarepath.store.query.TimeRange;
import java.util.List;

/** Walks over what selected series have of single spans in a range. One thread. */
final class SpanScan {
    /** Takes what one profile has. */
    interface Visitor {
        /** What a profile that started at an instant has. */
        void found(Selected selected, long startNanos, SpanChunk spans);
    }

    private final View view;
    private final Damage damage;
    private final int tenant;
    private final TimeRange range;
    private final Visitor visitor;
    private final Allowance allowance = Allowance.current();

    SpanScan(View view, Damage damage, int tenant, TimeRange range, Visitor visitor) {
        this.view = view;
        this.damage = damage;
        this.tenant = tenant;
        this.range = range;
        this.visitor = visitor;
    }

    /** Walks; each span costs a row of the allowance. */
    void run(List<Selected> selected) {
        int end = RangeScan.endWindow(range);
        try (Cursor cursor = view.scan(Family.EXEMPLARS)) {
            for (Selected each : selected) {
                int type = each.typeId();
                int window = each.series().firstWindow(type, RangeScan.firstWindow(range));
                while (window >= 0 && window < end) {
                    allowance.check();
                    window(cursor, each, window);
                    window = each.series().firstWindow(type, window + 1);
                }
            }
        }
    }

    private void window(Cursor cursor, Selected selected, int window) {
        int service = selected.series().service();
        int series = selected.series().id();
        cursor.seek(
                ProfileKey.first(window, tenant, service, selected.typeId(), series),
                ProfileKey.first(window, tenant, service, selected.typeId(), series + 1));
        while (cursor.next()) {
            ProfileKey key = ProfileKey.of(cursor.key());
            if (!range.contains(key.startNanos())) {
                continue;
            }
            try {
                SpanChunk spans = SpanChunk.open(cursor.value());
                allowance.spend(Math.max(1, spans.spans()));
                visitor.found(selected, key.startNanos(), spans);
            } catch (CorruptValueException e) {
                damage.found("spans of a profile in window " + window + ": " + e.getMessage());
            }
        }
    }
}
