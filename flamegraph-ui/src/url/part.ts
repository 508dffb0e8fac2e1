import { MOST_THREADS, type Part } from "../model/threads";

/** Writes a part of time and threads. */
export function putPart(params: URLSearchParams, part: Part | null): void {
  if (!part) return;
  params.append("part", `${part.from}-${part.until}`);
  for (const id of part.ids) params.append("thread", String(id));
  for (const name of part.names) params.append("threadName", name);
  if (part.pod !== "") params.append("threadPod", part.pod);
}

/** Reads what {@link putPart} wrote; a broken one is none, and is said. */
export function takePart(params: URLSearchParams, problems: string[]): Part | null {
  const text = params.get("part");
  if (text === null) return null;
  const [from, until] = (/^(\d{1,15})-(\d{1,15})$/.exec(text) ?? []).slice(1).map(Number);
  const ids = params.getAll("thread").slice(0, MOST_THREADS);
  if (from === undefined || from >= until || ids.some((id) => !/^\d{1,15}$/.test(id))) {
    problems.push("part must be FROM-UNTIL in Unix milliseconds, thread the number of a thread");
    return null;
  }
  return { from, until, ids: ids.map(Number), names: params.getAll("threadName").slice(0, MOST_THREADS), pod: params.get("threadPod") ?? "" };
}
