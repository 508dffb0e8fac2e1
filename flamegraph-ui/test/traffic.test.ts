import { describe, expect, it } from "vitest";
import type { Requests } from "../src/model/endpoints";
import { networkLanes, requestLanes, type EdgeCourse } from "../src/model/traffic";

const range = { from: 10_000, until: 60_000 };

describe("requests beside a profile", () => {
  const answer: Requests = {
    startMillis: 0,
    stepMillis: 20_000,
    scopes: [],
    series: [{ labels: {}, count: 60, errors: 12, p50: 0.1, p90: 0.1, p99: 0.2, counts: [10, 40, 10], errorCounts: [2, 0, 10], p50s: [0.1, 0.1, null], p99s: [0.2, 0.2, null] }],
    empty: null,
  };

  it("are per second of what lies within the range, failed ones too", () => {
    const lanes = requestLanes(answer, range, 60_000)!;
    expect(lanes.rate).toEqual([
      [1, 2, 0.5],
      [0.2, 0, 0.5],
    ]);
    expect(lanes.latency).toEqual([
      [0.2, 0.2, null],
      [0.1, 0.1, null],
    ]);
  });

  it("end where counts are still to come", () => {
    expect(requestLanes(answer, range, 59_000)!.rate[0]).toEqual([1, 2, null]);
  });

  it("are not there when nobody asked", () => {
    expect(requestLanes({ ...answer, series: [] }, range, 60_000)).toBeNull();
  });
});

describe("the network beside a profile", () => {
  const steps = { bytesSent: [100, 200], bytesReceived: [0, 400], retransmits: [0, 20], connectFailures: [10, 0] };
  const answer: EdgeCourse = { startMillis: 0, stepMillis: 20_000, edges: [{ steps }], empty: null };

  it("is per second, each with what belongs to it", () => {
    expect(networkLanes(answer, { from: 0, until: 40_000 }, 40_000)).toEqual({
      bytes: [
        [5, 10],
        [0, 20],
      ],
      trouble: [
        [0, 1],
        [0.5, 0],
      ],
    });
  });

  it("is not there when nothing is known of it", () => {
    expect(networkLanes({ ...answer, edges: [] }, range, 60_000)).toBeNull();
  });
});
