import { clock, count, duration, span } from "../format/units";
import { AROUND, allCalls, CALL_ROLES, CALL_WORDS, fieldsOf, isNarrow, MOST, profileOf, SLOWER, STEP, subjectOf, TRACE, type Call, type CallFilters, type Calls as Answer } from "../model/calls";
import type { Emptiness } from "../model/decode";
import { AgentNotices } from "../parts/agent-status";
import { FilterBar } from "../parts/filter-bar";
import { Failure, Progress } from "../parts/notices";
import { ShowAllServices, WidenToDay } from "../parts/scope-buttons";
import { Services } from "../parts/services";
import { Skeleton } from "../parts/skeleton";
import { VirtualRows } from "../parts/virtual-rows";
import { calls, go, goScope, now, retry, state, times } from "../state/store";
import { encodeState, onPage } from "../url/state";

/** Single calls between services: errors, slow ones, and some of the rest. */
export function Calls() {
  const { data, since, error, stale } = calls.value;
  const empty = data?.empty ?? null;
  const picked = data?.calls.find((call) => call.spanId === state.value.calls.span);
  return (
    <div class="explore">
      <Services />
      <main class="main">
        <div class="main-head">
          <Order />
          <FilterBar name="label" matchers={state.value.a.matchers} times={times.value} onChange={(matchers) => goScope({ matchers })} />
        </div>
        <Filters />
        <AgentNotices />
        <div class="flame-area" aria-busy={since !== null}>
          <Progress since={since} onCancel={() => calls.cancel()} />
          {error && <Failure error={error} onRetry={retry} />}
          {empty && !stale && <NoCalls empty={empty} />}
          {data && !empty && (
            <div class="split">
              <Table data={data} dimmed={stale || error !== null} />
              {picked && <Details call={picked} />}
            </div>
          )}
          {!data && !error && <Skeleton />}
        </div>
      </main>
    </div>
  );
}

/** Other filters: what was picked may be gone, and the list begins anew. */
function narrow(change: Partial<CallFilters>): void {
  go({ calls: { ...state.peek().calls, most: STEP, span: "", ...change } });
}

function Order() {
  const { first: chosen } = state.value.calls;
  return (
    <div class="segments" role="group" aria-label="Order">
      {(["newest", "slowest"] as const).map((first) => (
        <button type="button" key={first} aria-pressed={chosen === first} title={`the ${first} first`} onClick={() => narrow({ first })}>
          {first}
        </button>
      ))}
    </div>
  );
}

const ENDS: Record<(typeof CALL_ROLES)[number], string> = { server: "answered", client: "sent", producer: "message sent", consumer: "message received" };

function Filters() {
  const { calls: filters } = state.value;
  const text = (word: "route" | "status" | "slower" | "trace", size: string, hint: string, form?: RegExp) => (
    <label key={word}>
      {{ route: "route", status: "status", slower: "slower than", trace: "trace id" }[word]}
      <input
        id={word === "trace" ? "search" : undefined}
        class={size}
        placeholder={hint}
        spellcheck={false}
        value={filters[word]}
        pattern={form?.source.replace(/^\^|\$$/g, "")}
        onChange={(event) => {
          const field = event.currentTarget;
          field.value = field.value.trim();
          if (field.reportValidity()) narrow({ [word]: field.value });
        }}
      />
    </label>
  );
  const shown = CALL_WORDS.filter((word) => word !== "route" && word !== "status" && filters[word] !== "");
  return (
    <div class="call-filters" role="group" aria-label="call filters">
      <label>
        calls
        <select value={filters.end} onChange={(event) => narrow({ end: event.currentTarget.value as CallFilters["end"] })}>
          <option value="">all</option>
          {CALL_ROLES.map((role) => (
            <option key={role} value={role}>
              {ENDS[role]}
            </option>
          ))}
        </select>
      </label>
      {shown.map((word) => (
        <span class="chip" key={word}>
          <span class="chip-label">{word}</span>
          <span class="chip-op">=</span>
          <span class="chip-value">{filters[word]}</span>
          <button type="button" aria-label={`remove filter ${word}`} onClick={() => narrow({ [word]: "" })}>
            ×
          </button>
        </span>
      ))}
      {text("route", "", "/cart/{id}")}
      {text("status", "short", "503, 5xx")}
      <label>
        <input type="checkbox" checked={filters.errors} onChange={(event) => narrow({ errors: event.currentTarget.checked })} />
        errors only
      </label>
      {text("slower", "short", "250ms", SLOWER)}
      {text("trace", "long", "16 or 32 digits  /", TRACE)}
      {isNarrow(filters) && (
        <button type="button" class="quiet" onClick={() => narrow({ ...allCalls(), first: filters.first })}>
          Clear
        </button>
      )}
    </div>
  );
}

const HEADS = ["time", "service", "end", "call", "status", "took", "peer", "profile"];

function Table({ data, dimmed }: { data: Answer; dimmed: boolean }) {
  const { calls: filters } = state.value;
  const rows = data.calls;
  const at = rows.findIndex((call) => call.spanId === filters.span);
  const pick = (index: number) => go({ calls: { ...filters, span: rows[index]?.spanId ?? "" } }, "replace");
  const key = (event: KeyboardEvent) => {
    if (event.key === "Escape" && at >= 0) pick(-1);
    else if (event.key === "ArrowDown") pick(Math.min(at + 1, rows.length - 1));
    else if (event.key === "ArrowUp") pick(Math.max(at - 1, 0));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <section class={`side-body${dimmed ? " dimmed" : ""}`} aria-label="Calls">
      <VirtualRows
        role="table"
        label={`Calls, the ${filters.first} first; arrows pick one`}
        count={rows.length}
        reveal={at}
        onKeyDown={key}
        head={
          <div role="row" class="row call-row">
            {HEADS.map((text) => (
              <span role="columnheader" key={text} class={text === "took" ? "number" : undefined}>
                {text}
              </span>
            ))}
          </div>
        }
        row={(i) => <CallLine key={rows[i].spanId + rows[i].startMicros} call={rows[i]} index={i} current={i === at} onPick={() => pick(i === at ? -1 : i)} />}
      />
      <div class="call-foot">
        <span class="soft" role="status">
          {data.next ? `the ${filters.first} ${count(rows.length)} calls` : `${count(rows.length)} ${rows.length === 1 ? "call" : "calls"}`}
        </span>
        {data.next &&
          (filters.most < MOST ? (
            <button type="button" onClick={() => go({ calls: { ...filters, most: Math.min(MOST, filters.most + STEP) } })}>
              Show {STEP} more
            </button>
          ) : (
            <span class="soft">No more are listed at once: choose a shorter range, or filters.</span>
          ))}
      </div>
    </section>
  );
}

/** A moment within a second. */
function moment(call: Call): string {
  const millis = Math.floor(call.startMicros / 1000);
  return `${clock(millis, now.value)}.${String(millis % 1000).padStart(3, "0")}`;
}

function flameOf(call: Call): string {
  return encodeState({ ...onPage("explore", state.value), a: profileOf(call) });
}

const FLAME_WHY = `What its pod, or else its service, did from ${AROUND / 1000} s before until ${AROUND / 1000} s after`;

function CallLine({ call, index, current, onPick }: { call: Call; index: number; current: boolean; onPick: () => void }) {
  const { service, role, status, failed, peer, durationNanos } = call;
  const subject = subjectOf(call);
  return (
    <div role="row" aria-rowindex={index + 2} class={`row call-row${current ? " current" : ""}`}>
      <span role="cell" class="cell-name">
        <button type="button" class="cell-button" aria-expanded={current} aria-label={`${moment(call)}, all of this call`} onClick={onPick}>
          {moment(call)}
        </button>
      </span>
      <span role="cell" class="cell-text" title={[service, call.labels.pod].filter(Boolean).join(", ")}>
        {service}
      </span>
      <span role="cell" class="cell-text" title={ENDS[role]}>
        {ENDS[role]}
      </span>
      <span role="cell" class="cell-text" title={[call.protocol, subject].filter(Boolean).join(" ")}>
        {subject || "–"}
      </span>
      <span role="cell" class={`cell-text${failed ? " bad-text" : ""}`} title={failed ? `failed${call.message ? `: ${call.message}` : ""}` : undefined}>
        {status || (failed ? call.attributes["error.type"] || "failed" : "–")}
      </span>
      <span role="cell" class="number">
        {duration(durationNanos)}
      </span>
      <span role="cell" class="cell-text" title={peer}>
        {peer || "–"}
      </span>
      <span role="cell">
        <a class="row-link" href={flameOf(call)} aria-label={`flame graph around ${moment(call)}`} title={FLAME_WHY}>
          flame graph
        </a>
      </span>
    </div>
  );
}

function Details({ call }: { call: Call }) {
  const { trace } = state.value.calls;
  return (
    <aside class="side call-side" aria-label="Call">
      <header>
        <h2 class={call.failed ? "bad-text" : undefined}>{subjectOf(call) || call.name || "call"}</h2>
        <button type="button" class="quiet" aria-label="close" onClick={() => go({ calls: { ...state.peek().calls, span: "" } }, "replace")}>
          ×
        </button>
      </header>
      <p>
        {moment(call)}, took {duration(call.durationNanos)}
        {call.status && `, status ${call.status}`}
        {call.failed && ", failed"}
      </p>
      <p class="call-links">
        <a class="row-link" href={flameOf(call)} title={FLAME_WHY}>
          flame graph around it
        </a>
        {trace !== call.traceId && (
          <a class="row-link" href={encodeState({ ...onPage("calls", state.value), a: { ...state.value.a, matchers: [] }, calls: { ...allCalls(), trace: call.traceId } })}>
            all calls of its trace
          </a>
        )}
      </p>
      <dl>
        {fieldsOf(call).map(([name, value], i) => (
          <div key={`${name}${i}`}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </aside>
  );
}

const NOTHING: Record<string, string> = {
  "no-calls-known": "No calls are stored",
  "no-calls-in-range": "No calls in this time range",
  "no-calls-of-service": "This service has no calls here",
  "no-calls-fulfil": "No call is what these filters ask for",
};

/** Why there are no calls, and what to do about it. */
function NoCalls({ empty }: { empty: Emptiness }) {
  const { a, calls: filters } = state.value;
  const { from, until } = times.value;
  return (
    <div class="empty" role="status">
      <h2>{NOTHING[empty.reason] ?? "No calls"}</h2>
      <p>{empty.message}</p>
      {empty.reason === "no-calls-known" && (
        <p class="soft">
          An agent tells of calls when it is started with <code>--set requests.enabled=true</code>; OpenTelemetry clients send their spans to <code>{location.origin}</code>.
        </p>
      )}
      {empty.reason === "no-calls-fulfil" && <p class="soft">The range is {span(until - from)} long. Only errors, slow calls and some of the rest are kept of what an agent sees.</p>}
      <div class="empty-actions">
        {empty.reason === "no-calls-in-range" && <WidenToDay />}
        {(empty.reason === "no-calls-of-service" || (empty.reason === "no-calls-fulfil" && a.matchers.length > 0)) && <ShowAllServices />}
        {empty.reason === "no-calls-fulfil" && isNarrow(filters) && (
          <button type="button" onClick={() => narrow({ ...allCalls(), first: filters.first })}>
            Clear the filters
          </button>
        )}
      </div>
    </div>
  );
}
