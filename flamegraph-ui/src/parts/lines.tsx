import { useEffect } from "preact/hooks";
import type { SourceLines } from "../api/client";
import { amount, count, measureOf, percent } from "../format/units";
import { Resource } from "../state/resource";
import { client, flamegraph, selector, state, times } from "../state/store";
import { Failure, Progress } from "./notices";

const lines = new Resource<SourceLines>();
const NEAR = "near this line: a just-in-time compiler notes places at calls and loops only";

/** The source lines of a function, whoever called it: those with most first. */
export function Lines({ name }: { name: string }) {
  const { type } = state.value;
  const range = times.value;
  const query = selector.value;
  const key = JSON.stringify([range, type, query, name]);
  const load = () => lines.load(key, (signal) => client.lines(range, type, query, name, signal), JSON.stringify([type, query, name]));
  useEffect(load, [key]);
  const { data, error, since, stale } = lines.value;
  const profile = flamegraph.value.data;
  if (error) return <Failure error={error} onRetry={load} />;
  if (!data || stale) return <Progress since={since} />;
  const known = data.lines.filter(({ line }) => line > 0);
  if (known.length === 0) return <p class="soft">No source line of this function is known: its program has no line table that could be read.</p>;
  const measure = measureOf(type || (profile?.type ?? ""), data.unit);
  const share = (value: number) => percent(data.total > 0 ? value / data.total : 0, profile?.samples);
  return (
    <>
      <table class="lines">
        <caption class="sr-only">Source lines of {name}, from all callers</caption>
        <thead>
          <tr>
            <th scope="col">line, from all callers</th>
            <th scope="col">self</th>
            <th scope="col">total</th>
          </tr>
        </thead>
        <tbody>
          {data.lines.map((row) => (
            <tr key={`${row.file}:${row.line}:${row.approximate}`}>
              <th scope="row" title={row.approximate ? NEAR : row.file}>
                {row.line === 0 ? "not known" : `${row.approximate ? "≈ " : ""}${shortFile(row.file)}:${row.line}`}
              </th>
              <td class="number" title={amount(row.self, measure)}>
                {share(row.self)}
              </td>
              <td class="number" title={amount(row.total, measure)}>
                {share(row.total)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {known.some(({ approximate }) => approximate) && <p class="soft">≈ {NEAR}.</p>}
      {data.hiddenLines > 0 && <p class="soft">{count(data.hiddenLines)} lines with less are left out.</p>}
    </>
  );
}

function shortFile(file: string): string {
  return file.slice(file.lastIndexOf("/") + 1);
}
