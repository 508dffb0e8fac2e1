import { useEffect, useMemo } from "preact/hooks";
import { seconds } from "../format/seconds";
import { bytes, compact, count, percent } from "../format/units";
import type { Emptiness } from "../model/decode";
import type { EdgeKey } from "../model/edge-keys";
import { slotSeconds } from "../model/endpoints";
import { edgeRows, isEdgeName, orderedEdges, questionOf, tlsWords, type EdgeRow, type MapNode, type Topology } from "../model/topology";
import { AgentNotices } from "../parts/agent-status";
import { FilterBar } from "../parts/filter-bar";
import { MapPicture } from "../parts/map-picture";
import { Failure, Progress } from "../parts/notices";
import { RowFilter } from "../parts/row-filter";
import { ShowAllServices, WidenToDay } from "../parts/scope-buttons";
import { Services } from "../parts/services";
import { Skeleton } from "../parts/skeleton";
import { SortHead } from "../parts/sort-head";
import { filtered } from "../parts/top-table";
import { TrafficLanes } from "../parts/traffic";
import { VirtualRows } from "../parts/virtual-rows";
import { coveredFrom, edgeTraffic, go, goScope, loadEdge, retry, state, times, topology } from "../state/store";
import { profileMatchers, withEquals } from "../url/selector";
import { encodeState, onPage } from "../url/state";

/** Which services call which, and how well that goes. */
export function ServiceMap() {
  const { data, since, error, stale } = topology.value;
  const empty = data?.map.empty ?? null;
  return (
    <div class="explore">
      <Services />
      <main class="main">
        <div class="main-head">
          <FilterBar name="label" matchers={state.value.a.matchers} times={times.value} onChange={(matchers) => goScope({ matchers })} />
          <span class="spacer" />
          {data && !empty && <Totals map={data.map} />}
        </div>
        <AgentNotices />
        <div class="flame-area" aria-busy={since !== null}>
          <Progress since={since} onCancel={() => topology.cancel()} />
          {error && <Failure error={error} onRetry={retry} />}
          {empty && !stale && <NoMap empty={empty} />}
          {data && !empty && <Body map={data.map} range={data.range} dimmed={stale || error !== null} />}
          {!data && !error && <Skeleton />}
        </div>
      </main>
    </div>
  );
}

function Totals({ map }: { map: Topology }) {
  const services = map.nodes.filter(({ kind }) => kind === "service").length;
  const others = map.nodes.reduce((sum, node) => sum + (node.kind === "service" ? 0 : node.count), 0);
  return (
    <p class="totals">
      <strong>
        {count(services)} {services === 1 ? "service" : "services"}
      </strong>
      <span>{count(others)} other addresses</span>
      <span>{count(map.edges.length)} edges</span>
    </p>
  );
}

function Body({ map, range, dimmed }: { map: Topology; range: { from: number; until: number }; dimmed: boolean }) {
  const { pick } = state.value;
  // A store that has just begun holds less than the range: rates are those of what it covers.
  const from = Math.max(range.from, Math.min(range.until, coveredFrom.value));
  const rows = useMemo(() => edgeRows(map, slotSeconds(from, range.until), (share) => percent(share)), [map, range, from]);
  const edge = rows.find(({ id }) => id === pick);
  const node = map.nodes.find(({ id }) => id === pick);
  const choose = (id: string) => go({ pick: id === pick ? "" : id }, "replace");
  return (
    <div class={`map-body${dimmed ? " dimmed" : ""}`}>
      <div class="map-area">
        <MapPicture nodes={map.nodes} rows={rows} pick={pick} onPick={choose} />
        {edge && <EdgeDetails row={edge} />}
        {node && <NodeDetails node={node} rows={rows} />}
      </div>
      <EdgeTable rows={rows} pick={pick} onPick={choose} />
    </div>
  );
}

function Close() {
  return (
    <button type="button" class="quiet" aria-label="close details" onClick={() => go({ pick: "" }, "replace")}>
      ×
    </button>
  );
}

function nodeName({ kind, name, count: together }: MapNode): string {
  return kind === "others" ? `${count(together)} more that ${name === "callers" ? "call" : "are called"}` : name || "(no name)";
}

/** Where a node leads: to its profile, to what it is asked for, to its own neighbours. */
function NodeDetails({ node, rows }: { node: MapNode; rows: EdgeRow[] }) {
  const { a } = state.value;
  const matchers = withEquals(profileMatchers(a.matchers), "service_name", node.name);
  const on = (page: "explore" | "endpoints" | "map") => encodeState({ ...onPage(page, state.value), a: { ...a, matchers } });
  const called = rows.filter((row) => row.to.id === node.id).length;
  const calls = rows.filter((row) => row.from.id === node.id).length;
  return (
    <section class="map-details" aria-label={`Node ${nodeName(node)}`}>
      <header>
        <h3>{nodeName(node)}</h3>
        <Close />
      </header>
      <dl>
        <Fact name="called by" text={count(called)} />
        <Fact name="calls" text={count(calls)} />
        {node.requests && (
          <>
            <Fact name="answered" text={`${count(node.requests.count)} requests`} />
            <Fact name="failed" text={percent(node.requests.errors / node.requests.count, node.requests.count)} bad={node.requests.errors > 0} />
            <Fact name="p99" text={seconds(node.requests.p99)} />
          </>
        )}
        {node.acceptOverflows > 0 && <Fact name="refused for want of room" text={`${count(node.acceptOverflows)} connections`} bad />}
      </dl>
      {node.kind === "service" ? (
        <p class="map-links">
          <a class="row-link" href={on("explore")}>
            flame graph
          </a>
          <a class="row-link" href={on("endpoints")}>
            endpoints
          </a>
          <a class="row-link" href={on("map")}>
            only its neighbours
          </a>
        </p>
      ) : (
        <p class="soft">
          {node.kind === "address" ? "No service that is watched is known to have this address." : "There was no room to show these one by one. Choose a service to see its own."}
        </p>
      )}
    </section>
  );
}

function Fact({ name, text, bad = false }: { name: string; text: string; bad?: boolean }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class={bad ? "bad-text" : ""}>{text}</dd>
    </div>
  );
}

/** What an edge did over time. */
function EdgeDetails({ row }: { row: EdgeRow }) {
  const { edge } = row;
  const question = useMemo(() => questionOf(row), [edge]);
  const { from, until } = times.value;
  const { data, since, error, stale } = edgeTraffic.value;
  useEffect(() => {
    if (question) loadEdge(row.id, question);
  }, [question, from, until]);
  const seen = edge.client ?? edge.server;
  const side = edge.client ? "the client" : "the server";
  return (
    <section class="map-details" aria-label={`Edge ${nodeName(row.from)} to ${nodeName(row.to)}`}>
      <header>
        <h3>
          {nodeName(row.from)} → {nodeName(row.to)}
        </h3>
        <Close />
      </header>
      <Troubles row={row} />
      <dl>
        <Fact name="port" text={edge.ports.join(", ") || "–"} />
        {row.rate !== null && <Fact name="requests" text={`${compact(row.rate)}/s`} />}
        {edge.sent && <Fact name="p99 at the client" text={seconds(edge.sent.p99)} />}
        {edge.answered && <Fact name="p99 at the server" text={seconds(edge.answered.p99)} />}
        {row.network !== null && <Fact name="network" text={`${seconds(Math.max(0, row.network))} a request`} />}
        {seen && <Fact name="round trip" text={seconds(seen.rtt.p50)} />}
        {seen && seen.connect.count > 0 && <Fact name="connect p99" text={seconds(seen.connect.p99)} />}
        {tlsWords(edge) !== "" && <Fact name="TLS" text={tlsWords(edge)} />}
        {seen && <Fact name="open" text={`${compact(seen.active)} connections`} />}
      </dl>
      {edge.shared && <p class="soft">Several clients call from one address: what the server saw is of all of them, and is not shown here.</p>}
      {!question && <p class="soft">The ends are not told apart: there is no course over time.</p>}
      {question && edge.addressCount > edge.addresses.length && <p class="soft">Over time: {edge.addresses.length} of {edge.addressCount} addresses.</p>}
      {question && error && <Failure error={error} onRetry={retry} />}
      {question && data && !stale && (
        <div class="lanes" role="group" aria-label={`Over time, as ${side} saw it`}>
          <TrafficLanes data={data} stale={stale} busy={since !== null} />
        </div>
      )}
    </section>
  );
}

function Troubles({ row }: { row: EdgeRow }) {
  if (row.troubles.length === 0) return null;
  return (
    <ul class="troubles">
      {row.troubles.map(({ text, severity }) => (
        <li key={text} class={severity === 2 ? "bad-text" : "warn-text"}>
          <span aria-hidden="true">{severity === 2 ? "▲ " : "△ "}</span>
          {text}
        </li>
      ))}
    </ul>
  );
}

const HEADS: [EdgeKey, string][] = [
  ["from", "from"],
  ["to", "to"],
  ["protocol", "protocol"],
  ["health", "health"],
  ["rate", "rate /s"],
  ["failed", "errors"],
  ["p99", "p99"],
  ["network", "network"],
  ["rtt", "rtt"],
  ["retransmits", "resent"],
  ["connectFailures", "no connect"],
  ["resets", "resets"],
  ["bytes", "bytes /s"],
];

function EdgeTable({ rows: all, pick, onPick }: { rows: EdgeRow[]; pick: string; onPick: (id: string) => void }) {
  const { edgeOrder, ascending, filter } = state.value;
  const rows = useMemo(() => orderedEdges(filtered(all, filter), edgeOrder, ascending), [all, filter, edgeOrder, ascending]);
  return (
    <section class="map-table" aria-label="Edges">
      <RowFilter names={["edge", "edges"]} shown={rows.length} all={all.length} />
      <VirtualRows
        role="table"
        label={`Edges by ${edgeOrder}`}
        count={rows.length}
        reveal={rows.findIndex(({ id }) => id === pick)}
        head={
          <div role="row" class="row edge-row">
            {HEADS.map(([key, text]) => (
              <SortHead key={key} text={text} isName={isEdgeName(key)} active={edgeOrder === key} ascending={ascending} onTurn={(up) => go({ edgeOrder: key, ascending: up }, "replace")} />
            ))}
          </div>
        }
        row={(i) => <EdgeLine key={rows[i].id} row={rows[i]} index={i} current={rows[i].id === pick} onPick={onPick} />}
      />
    </section>
  );
}

function EdgeLine({ row, index, current, onPick }: { row: EdgeRow; index: number; current: boolean; onPick: (id: string) => void }) {
  const [worst] = row.troubles;
  const dash = (value: number | null, format: (value: number) => string) => (value === null ? "–" : format(value));
  const ill = row.troubles.length > 0;
  const cells: [string, boolean][] = [
    [dash(row.rate, compact), false],
    [dash(row.failed, (value) => (value === 0 ? "0%" : percent(value))), ill && (row.failed ?? 0) > 0],
    [seconds(row.p99), false],
    [dash(row.network, (value) => seconds(Math.max(0, value))), false],
    [seconds(row.rtt), false],
    [row.retransmits === 0 ? "0%" : percent(row.retransmits), ill && row.retransmits > 0],
    [count(row.connectFailures), row.connectFailures > 0],
    [count(row.resets), false],
    [bytes(row.bytes), false],
  ];
  return (
    <div role="row" aria-rowindex={index + 2} aria-selected={current} class={`row edge-row${current ? " current" : ""}`}>
      <span role="cell" class="cell-name">
        <button type="button" class="cell-button" title={nodeName(row.from)} onClick={() => onPick(row.id)}>
          {nodeName(row.from)}
        </button>
      </span>
      <span role="cell" class="cell-text" title={nodeName(row.to)}>
        → {nodeName(row.to)}
      </span>
      <span role="cell" class="cell-text" title={row.protocol}>
        {row.protocol}
      </span>
      <span role="cell" class={`cell-text ${worst ? (worst.severity === 2 ? "bad-text" : "warn-text") : "soft"}`} title={row.troubles.map(({ text }) => text).join("\n")}>
        {worst ? `${worst.severity === 2 ? "▲" : "△"} ${worst.text}` : "well"}
      </span>
      {cells.map(([text, bad], i) => (
        <span role="cell" key={i} class={`number${bad ? " bad-text" : ""}`}>
          {text}
        </span>
      ))}
    </div>
  );
}

const NOTHING: Record<string, string> = {
  "no-network-known": "Nothing is known of the network yet",
  "no-series": "Nothing of the network carries these labels",
  "no-network-in-range": "Nothing of the network in this time range",
};

/** Why there is no map, and what to do about it. */
function NoMap({ empty }: { empty: Emptiness }) {
  return (
    <div class="empty" role="status">
      <h2>{NOTHING[empty.reason] ?? "No map"}</h2>
      <p>{empty.message}</p>
      {empty.reason === "no-network-known" && (
        <p class="soft">
          An agent watches requests and the network when it is started with <code>--set requests.enabled=true</code> (or <code>FLAREPATH_REQUESTS_ENABLED=true</code>); it is off by default.
        </p>
      )}
      <div class="empty-actions">
        {empty.reason === "no-series" && <ShowAllServices />}
        {empty.reason === "no-network-in-range" && <WidenToDay />}
      </div>
    </div>
  );
}
