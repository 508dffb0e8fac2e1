/** A small picture of a course over time. Its numbers stand beside it, so it is hidden from readers. */
export function Spark({ values, max }: { values: readonly number[]; max?: number }) {
  const top = max ?? Math.max(...values, 0);
  if (values.length < 2 || top <= 0) return <svg class="spark" aria-hidden="true" />;
  const points = values.map((value, i) => `${((i / (values.length - 1)) * 100).toFixed(1)} ${(23 - (value / top) * 21).toFixed(1)}`);
  return (
    <svg class="spark" viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true">
      <path class="spark-area" d={`M0 24L${points.join("L")}L100 24Z`} />
      <path class="spark-line" d={`M${points.join("L")}`} />
    </svg>
  );
}
