import { useMemo } from "preact/hooks";
import { seconds, secondsTick } from "../format/seconds";
import { clock, compact, count, percent, rateNumber, rateUnit, span, tick } from "../format/units";
import { coursesOf, endpointsOf, firstCounted, isNameKey, orderedEndpoints, slotSeconds, type Endpoint, type EndpointKey, type Role } from "../model/endpoints";
import type { Emptiness } from "../model/decode";
import { allCalls } from "../model/calls";
import { AgentNotices } from "../parts/agent-status";
import { Course } from "../parts/course";
import { FilterBar } from "../parts/filter-bar";
import { Failure, Progress } from "../parts/notices";
import { RowFilter } from "../parts/row-filter";
import { ShowAllServices, WidenToDay } from "../parts/scope-buttons";
import { Services } from "../parts/services";
import { Skeleton } from "../parts/skeleton";
import { SortHead } from "../parts/sort-head";
import { filtered } from "../parts/top-table";
import { VirtualRows } from "../parts/virtual-rows";
import { coveredFrom, go, goScope, knownUntil, now, requests, retry, state, times, type RequestsOf } from "../state/store";
import { profileMatchers, withEquals } from "../url/selector";
import { encodeState, onPage } from "../url/state";

/** What services are asked for: how often, how much of it fails, how long it takes. */
export function Endpoints() {
  const { data, since, error, stale } = requests.value;
  const empty = data?.total.empty ?? null;
  return (
    <div class="explore">
      <Services />
      <main class="main">
        <div class="main-head">
          <RoleSwitch />
          <FilterBar name="label" matchers={state.value.a.matchers} times={times.value} onChange={(matchers) => goScope({ matchers })} />
          <span class="spacer" />
          {data && !empty && <Totals data={data} />}
        </div>
        <AgentNotices />
        <Courses />
        <div class="flame-area" aria-busy={since !== null}>
          <Progress since={since} onCancel={() => requests.cancel()} />
          {error && <Failure error={error} onRetry={retry} />}
          {empty && !stale && <NoRequests empty={empty} />}
          {data && !empty && <Table data={data} dimmed={stale || error !== null} />}
          {!data && !error && <Skeleton />}
        </div>
      </main>
    </div>
  );
}

const REQUESTS = { unit: "requests", cpu: false };

function failedShare({ count: all, errors }: { count: number; errors: number }): string {
  return errors === 0 ? "0%" : percent(errors / all, all);
}

const ROLES: [Role, string, string][] = [
  ["server", "answered", "requests that the services answered, timed where they are answered"],
  ["client", "sent", "requests that the services sent to others, timed where they are sent"],
];

function RoleSwitch() {
  const { role } = state.value;
  return (
    <div class="segments" role="group" aria-label="Requests">
      {ROLES.map(([one, text, why]) => (
        <button type="button" key={one} aria-pressed={role === one} title={why} onClick={() => go({ role: one })}>
          {text}
        </button>
      ))}
    </div>
  );
}

/** A store that has just begun holds less than the range: rates are those of what it covers. */
function begun({ range, total }: RequestsOf): number {
  const covered = coveredFrom.value;
  return Math.max(range.from, Math.min(covered, firstCounted(total) ?? covered));
}

function Totals({ data }: { data: RequestsOf }) {
  const { range, total } = data;
  const [row] = total.series;
  const from = begun(data);
  const length = slotSeconds(from, range.until);
  return (
    <p class="totals">
      <strong title={`mean over ${span(length * 1000)}`}>{rateNumber(length > 0 ? row.count / length : 0, REQUESTS)} {rateUnit(REQUESTS)}</strong>
      {from > range.from && <span>since {clock(from, now.value)}</span>}
      <span>{count(row.count)} requests</span>
      <span>{failedShare(row)} failed</span>
      <span>p99 {seconds(row.p99)}</span>
      {total.scopes.some((scope) => scope !== "") && <span title={SCOPE_WHY}>counted by {total.scopes.filter((scope) => scope !== "").join(", ")}</span>}
    </p>
  );
}

const SCOPE_WHY = 'Where several count the requests of one service, the one that saw most is shown: they are never added up. The filter scope="…" chooses another.';

function Courses() {
  const { data, since, stale } = requests.value;
  const courses = useMemo(() => (data ? coursesOf(data.total, data.range, knownUntil.value) : { rate: [], failed: [], p99: [] }), [data]);
  const look = { steps: data?.total ?? null, stale, busy: since !== null };
  return (
    <section class="courses" aria-label="Requests over time">
      <Course {...look} name="Rate" values={courses.rate} unit={rateUnit(REQUESTS)} format={(value) => rateNumber(value, REQUESTS)} tick={(value) => tick(value, REQUESTS)} least={0.1} />
      <Course {...look} name="Errors" values={courses.failed} unit="failed" format={(value) => percent(value)} tick={(value) => `${Number((value * 100).toPrecision(3))}%`} least={0.01} />
      <Course {...look} name="99th percentile" values={courses.p99} unit="p99" format={seconds} tick={secondsTick} least={0.001} />
    </section>
  );
}

const HEADS: [EndpointKey, string][] = [
  ["service", "service"],
  ["protocol", "protocol"],
  ["method", "method"],
  ["route", "route"],
  ["rate", "rate /s"],
  ["failed", "errors"],
  ["p50", "p50"],
  ["p90", "p90"],
  ["p99", "p99"],
];

function Table({ data, dimmed }: { data: RequestsOf; dimmed: boolean }) {
  const { order, ascending, filter } = state.value;
  const from = begun(data);
  const all = useMemo(() => endpointsOf(data.routes, slotSeconds(from, data.range.until)), [data, from]);
  const rows = useMemo(() => orderedEndpoints(filtered(all, filter), order, ascending), [all, filter, order, ascending]);
  return (
    <section class={`side-body${dimmed ? " dimmed" : ""}`} aria-label="Endpoints">
      <RowFilter names={["endpoint", "endpoints"]} shown={rows.length} all={all.length} />
      <VirtualRows
        role="table"
        label={`Endpoints by ${order}`}
        count={rows.length}
        reveal={-1}
        head={
          <div role="row" class="row endpoint-row">
            {HEADS.map(([key, text]) => (
              <SortHead key={key} text={text} isName={isNameKey(key)} active={order === key} ascending={ascending} onTurn={(up) => go({ order: key, ascending: up }, "replace")} />
            ))}
            <span role="columnheader">more</span>
          </div>
        }
        row={(i) => <EndpointLine key={JSON.stringify([rows[i].service, rows[i].protocol, rows[i].method, rows[i].route])} row={rows[i]} index={i} />}
      />
    </section>
  );
}

function EndpointLine({ row, index }: { row: Endpoint; index: number }) {
  const { service, protocol, method, route } = row;
  const { a } = state.value;
  const narrow = () => goScope({ matchers: withEquals(state.peek().a.matchers, "service_name", service) });
  const profiled = withEquals(profileMatchers(a.matchers), "service_name", service);
  const flame = encodeState({ ...onPage("explore", state.value), a: { ...a, matchers: profiled } });
  const single = encodeState({ ...onPage("calls", state.value), a: { ...a, matchers: profiled }, calls: { ...allCalls(), end: state.value.role, protocol, method, route } });
  return (
    <div role="row" aria-rowindex={index + 2} class="row endpoint-row">
      <span role="cell" class="cell-name">
        <button type="button" class="cell-button" title={service} disabled={service === ""} onClick={narrow}>
          {service || "(no name)"}
        </button>
      </span>
      {[protocol, method, route || "(no route)"].map((text, i) => (
        <span role="cell" key={i} class="cell-text" title={text}>
          {text || "–"}
        </span>
      ))}
      <span role="cell" class="number" title={`${count(row.count)} requests`}>
        {compact(row.rate)}
      </span>
      <span role="cell" class={`number${row.errors > 0 ? " bad-text" : ""}`} title={`${count(row.errors)} of ${count(row.count)} requests`}>
        {failedShare(row)}
      </span>
      {[row.p50, row.p90, row.p99].map((value, i) => (
        <span role="cell" key={i} class="number">
          {seconds(value)}
        </span>
      ))}
      <span role="cell" class="row-links">
        <a class="row-link" href={single} aria-label={`calls of ${row.label || "all services"}`} title="Single calls of it in this time: errors, slow ones, and some of the rest">
          calls
        </a>
        <a class="row-link" href={flame} aria-label={`flame graph of ${service || "all services"}`} title={`What ${service || "all services"} did in this time`}>
          flame graph
        </a>
      </span>
    </div>
  );
}

const NOTHING: Record<string, string> = {
  "no-requests-known": "No requests have been counted yet",
  "no-series": "No requests carry these labels",
  "no-requests-in-range": "No requests in this time range",
};

/** Why there are no endpoints, and what to do about it. */
function NoRequests({ empty }: { empty: Emptiness }) {
  const { role } = state.value;
  const other = ROLES.find(([one]) => one !== role)!;
  return (
    <div class="empty" role="status">
      <h2>{NOTHING[empty.reason] ?? "No endpoints"}</h2>
      <p>{empty.message}</p>
      {empty.reason === "no-requests-known" && (
        <p class="soft">
          An agent counts requests when it is started with <code>--set requests.enabled=true</code>; OpenTelemetry clients send theirs to <code>{location.origin}</code>.
        </p>
      )}
      <div class="empty-actions">
        {empty.reason === "no-series" && <ShowAllServices />}
        {empty.reason === "no-requests-in-range" && <WidenToDay />}
        <button type="button" onClick={() => go({ role: other[0] })}>
          Show requests {other[1]}
        </button>
      </div>
    </div>
  );
}
