const NAMES: [number, string][] = [
  [4711, "vert.x-eventloop-thread-0"],
  [4712, "vert.x-eventloop-thread-1"],
  [4720, "G1 Conc#0"],
  [0, "pool"],
];

/** What /api/v1/threads tells of made-up threads: each busy in a third of the time of its own. */
export function threadsAnswer(query: URLSearchParams, noTimes: boolean): object {
  const from = Number(query.get("from"));
  const until = Number(query.get("until"));
  const stepMillis = Math.max(100, Math.ceil((until - from) / Number(query.get("points")) / 100) * 100);
  const steps = Math.ceil((until - from) / stepMillis);
  const threads = NAMES.map(([id, name], row) => {
    const values = Array.from({ length: steps }, (_, i) => (Math.floor((i * NAMES.length) / steps) === row ? stepMillis * 1e6 * 0.8 : 0));
    return { id, name, labels: { service_name: "checkout", pod: "checkout-7d9f8c-x2k4q" }, total: values.reduce((sum, value) => sum + value, 0), values };
  });
  const known = noTimes ? [] : threads;
  return {
    startMillis: from,
    stepMillis,
    unit: "nanoseconds",
    profiler: "flarepath",
    total: known.reduce((sum, { total }) => sum + total, 0),
    hiddenThreads: noTimes ? 0 : 3,
    hiddenTotal: noTimes ? 0 : 5e9,
    threads: known,
    empty: noTimes ? { reason: "no-times", message: "there are profiles in this range, but their samples did not say when they were taken" } : null,
  };
}
