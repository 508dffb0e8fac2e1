package io.flarepath.api.ingest.upload;

import io.flarepath.store.metric.MetricPoint;
import java.util.List;

/**
 * An upload of metrics.
 *
 * @param upload the same when it is sent again, and for no other
 * @param points what is stored
 * @param rejected what is not
 */
public record DecodedMetrics(byte[] upload, List<MetricPoint> points, Rejected rejected) {}
