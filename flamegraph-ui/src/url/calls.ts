import { allCalls, CALL_ROLES, CALL_WORDS, MOST, STEP, type CallFilters } from "../model/calls";

/** Writes what differs from all calls. */
export function putCalls(params: URLSearchParams, filters: CallFilters): void {
  const start = allCalls();
  const put = (key: string, value: string, standard: string) => {
    if (value !== standard) params.append(key, value);
  };
  put("end", filters.end, start.end);
  for (const word of CALL_WORDS) put(word, filters[word], start[word]);
  put("errors", filters.errors ? "1" : "", "");
  put("slower", filters.slower, start.slower);
  put("trace", filters.trace, start.trace);
  put("first", filters.first, start.first);
  put("most", String(filters.most), String(start.most));
  put("span", filters.span, start.span);
}

/** Reads what {@link putCalls} wrote; what is broken yields its default, and is said. */
export function takeCalls(params: URLSearchParams, problems: string[]): CallFilters {
  const filters = allCalls();
  const take = (key: string) => params.get(key) ?? "";
  const end = take("end");
  if (end === "" || (CALL_ROLES as readonly string[]).includes(end)) filters.end = end as CallFilters["end"];
  else problems.push(`end must be one of ${CALL_ROLES.join(", ")}`);
  for (const word of CALL_WORDS) filters[word] = take(word);
  filters.errors = take("errors") === "1";
  filters.slower = take("slower");
  filters.trace = take("trace");
  const first = take("first");
  if (first === "slowest") filters.first = first;
  else if (first !== "" && first !== "newest") problems.push("first must be newest or slowest");
  const most = Number(take("most") || STEP);
  if (Number.isInteger(most) && most >= 1 && most <= MOST) filters.most = most;
  else problems.push(`most must be a whole number from 1 to ${MOST}`);
  filters.span = take("span");
  return filters;
}
