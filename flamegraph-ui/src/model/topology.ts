import type { Matcher } from "../url/selector";
import type { Emptiness } from "./decode";
import { EDGE_NAMES, type EdgeKey } from "./edge-keys";
import type { Role } from "./endpoints";

/** Requests as one side timed them; durations in seconds. */
export interface TimedRequests {
  count: number;
  errors: number;
  mean: number;
  p50: number | null;
  p99: number | null;
}

/** TCP and UDP as one end saw it. */
export interface EdgeEnd {
  bytesSent: number;
  bytesReceived: number;
  datagramBytesSent: number;
  datagramBytesReceived: number;
  packetsSent: number;
  packetsReceived: number;
  connects: number;
  connectFailures: number;
  retransmits: number;
  resetsSent: number;
  resetsReceived: number;
  drops: number;
  zeroWindows: number;
  /** Connections of TLS by whether what they carry is read. */
  tlsRead: number;
  tlsUnseen: number;
  active: number;
  reasons: Record<string, Record<string, number>>;
  connect: { count: number; p50: number | null; p99: number | null };
  rtt: { count: number; p50: number | null; p99: number | null };
}

export interface MapNode {
  id: string;
  kind: "service" | "address" | "others";
  name: string;
  /** How many were put together. */
  count: number;
  acceptOverflows: number;
  requests: TimedRequests | null;
}

export interface MapEdge {
  /** Ids of nodes: who connects, and who listens. */
  from: string;
  to: string;
  ports: string[];
  /** Of the other end, as the client called it, or as the server was called where no client was seen. */
  addresses: string[];
  addressCount: number;
  protocols: string[];
  /** Several clients share an address: what the server saw is with none of them. */
  shared: boolean;
  sent: TimedRequests | null;
  answered: TimedRequests | null;
  networkSeconds: number | null;
  client: EdgeEnd | null;
  server: EdgeEnd | null;
}

/** The service's answer: who calls whom, or why nothing is known of that. */
export interface Topology {
  nodes: MapNode[];
  edges: MapEdge[];
  empty: Emptiness | null;
}

/** One edge as it is listed and drawn. */
export interface EdgeRow {
  id: string;
  edge: MapEdge;
  from: MapNode;
  to: MapNode;
  protocol: string;
  /** All names in one line, for filters. */
  label: string;
  /** Requests per second; null where none are known. */
  rate: number | null;
  failed: number | null;
  /** Seconds. */
  p99: number | null;
  network: number | null;
  rtt: number | null;
  /** Bytes per second, both ways. */
  bytes: number;
  /** Share of the packets that were sent again. */
  retransmits: number;
  connectFailures: number;
  resets: number;
  /** What is wrong, worst first. */
  troubles: Trouble[];
  /** Larger is worse. */
  health: number;
}

/** Something that is wrong with an edge, as one reads it; severity 2 is bad, 1 is a warning. */
export interface Trouble {
  text: string;
  severity: 1 | 2;
}

/** From so many on a share says something. */
const FEW = 10;

/** How bad it is when such a share of requests fails, or of packets is sent again: 0 is well. */
export function severityOf(share: number): 0 | 1 | 2 {
  return share >= 0.01 ? 2 : share >= 0.001 ? 1 : 0;
}

/**
 * What is known of TLS on an edge, in words; "" where there is none. One end may see into what the other
 * does not.
 */
export function tlsWords({ client, server }: MapEdge): string {
  const ends = [client, server].filter((end) => end !== null);
  const read = Math.max(0, ...ends.map((end) => end.tlsRead));
  const unseen = Math.max(0, ...ends.map((end) => end.tlsUnseen));
  if (read > 0) return unseen > 0 ? "seen into in part" : "seen into";
  return unseen > 0 ? "not seen into" : "";
}

/** The edges of a map that covers so many seconds. */
export function edgeRows(map: Topology, seconds: number, percent: (share: number) => string): EdgeRow[] {
  const nodes = new Map(map.nodes.map((node) => [node.id, node]));
  return map.edges.flatMap((edge) => {
    const [from, to] = [nodes.get(edge.from), nodes.get(edge.to)];
    return from && to ? [row(edge, from, to, seconds, percent)] : [];
  });
}

function row(edge: MapEdge, from: MapNode, to: MapNode, seconds: number, percent: (share: number) => string): EdgeRow {
  // The client knows what its callers wait for; what it did not see the server may have.
  const requests = edge.sent ?? edge.answered;
  const ends = [edge.client, edge.server].filter((end) => end !== null);
  const seen = edge.client ?? edge.server;
  const sum = (of: (end: EdgeEnd) => number) => ends.reduce((total, end) => total + of(end), 0);
  const packets = sum((end) => end.packetsSent);
  const again = sum((end) => end.retransmits);
  // Each end tells of the resets that it sent; of an end that is not watched the other tells.
  const resets = edge.client && edge.server ? sum((end) => end.resetsSent) : sum((end) => end.resetsSent + end.resetsReceived);
  const bytes = seen ? seen.bytesSent + seen.bytesReceived + seen.datagramBytesSent + seen.datagramBytesReceived : 0;
  const protocol = edge.protocols.join(", ") || (seen && seen.packetsSent + seen.packetsReceived === 0 && bytes > 0 ? "udp" : "tcp");
  const one: EdgeRow = {
    id: `${edge.from} ${edge.to}`,
    edge,
    from,
    to,
    protocol,
    label: `${from.name} ${to.name} ${protocol}`,
    rate: requests && seconds > 0 ? requests.count / seconds : null,
    failed: requests && requests.count > 0 ? requests.errors / requests.count : null,
    p99: requests?.p99 ?? null,
    network: edge.networkSeconds,
    rtt: seen?.rtt.p50 ?? null,
    bytes: seconds > 0 ? bytes / seconds : 0,
    retransmits: packets > 0 ? again / packets : 0,
    connectFailures: sum((end) => end.connectFailures),
    resets,
    troubles: [],
    health: 0,
  };
  one.troubles = troubles(one, again, sum, percent);
  one.health = one.troubles.reduce((total, { severity }) => total + (severity === 2 ? 100 : 1), 0);
  return one;
}

function troubles(row: EdgeRow, again: number, sum: (of: (end: EdgeEnd) => number) => number, percent: (share: number) => string): Trouble[] {
  const found: Trouble[] = [];
  const share = (what: string, value: number, of: number, worst: 1 | 2 = 2) => {
    const severity = severityOf(value);
    if (of >= FEW && severity > 0) found.push({ text: `${percent(value)} ${what}`, severity: severity === 2 ? worst : 1 });
  };
  const requests = row.edge.sent ?? row.edge.answered;
  share("failed", row.failed ?? 0, requests?.count ?? 0);
  const connects = sum((end) => end.connects);
  if (row.connectFailures > 0) {
    const all = connects + row.connectFailures;
    found.push({ text: `${row.connectFailures} of ${all} connects failed`, severity: severityOf(row.connectFailures / all) === 2 ? 2 : 1 });
  }
  if (again > 1) share("sent again", row.retransmits, sum((end) => end.packetsSent));
  const closed = sum((end) => end.zeroWindows);
  if (closed > 0) found.push({ text: `${closed} closed ${closed === 1 ? "window" : "windows"}`, severity: 1 });
  const received = sum((end) => end.packetsReceived);
  if (received > 0) share("dropped", sum((end) => end.drops) / received, received, 1);
  return found.sort((a, b) => b.severity - a.severity);
}

/** By a column; what has no value in it comes last either way, equal ones with most bytes first. */
export function orderedEdges(rows: readonly EdgeRow[], key: EdgeKey, ascending: boolean): EdgeRow[] {
  const sign = ascending ? 1 : -1;
  const value = (row: EdgeRow) => (key === "from" ? row.from.name : key === "to" ? row.to.name : row[key]);
  const compare = (a: EdgeRow, b: EdgeRow) => {
    const [x, y] = [value(a), value(b)];
    if (x === y) return 0;
    if (x === null) return 1;
    if (y === null) return -1;
    return x < y ? -sign : sign;
  };
  return [...rows].sort((a, b) => compare(a, b) || b.bytes - a.bytes || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

export function isEdgeName(key: EdgeKey): boolean {
  return (EDGE_NAMES as readonly string[]).includes(key);
}

/** What the requests and the network of an edge are asked for; null where its ends are not told apart. */
export interface EdgeQuestion {
  role: Role;
  requests: Matcher[];
  network: Matcher[];
}

export function questionOf({ edge, from, to }: EdgeRow): EdgeQuestion | null {
  const role: Role = edge.client || edge.sent ? "client" : "server";
  const watched = role === "client" ? from : to;
  if (watched.kind !== "service" || edge.addresses.length === 0) return null;
  const own: Matcher[] = [
    { label: "service_name", op: "=", value: watched.name },
    { label: "server.port", op: "=~", value: either(edge.ports) },
  ];
  const peer = (label: string): Matcher => ({ label, op: "=~", value: either(edge.addresses) });
  return {
    role,
    requests: [...own, peer(role === "client" ? "server.address" : "network.peer.address")],
    network: [...own, peer("network.peer.address"), { label: "flarepath.role", op: "=", value: role }],
  };
}

/** A regular expression for exactly these. */
function either(texts: readonly string[]): string {
  return texts.map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("|");
}
