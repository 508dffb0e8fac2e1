import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { placeLayers } from "../src/layout/layers";
import { EDGE_KEYS } from "../src/model/edge-keys";
import { edgeRows, orderedEdges, questionOf, tlsWords, type EdgeEnd, type MapEdge, type MapNode, type TimedRequests, type Topology } from "../src/model/topology";

const percent = (share: number) => `${Number((share * 100).toPrecision(3))}%`;

function node(id: string): MapNode {
  const [kind] = id.split(":", 1);
  return { id, kind: kind as MapNode["kind"], name: id.slice(kind.length + 1), count: 1, acceptOverflows: 0, requests: null };
}

function end(change: Partial<EdgeEnd> = {}): EdgeEnd {
  const none = { count: 0, p50: null, p99: null };
  const counts = { bytesSent: 0, bytesReceived: 0, datagramBytesSent: 0, datagramBytesReceived: 0, packetsSent: 0, packetsReceived: 0, connects: 0, connectFailures: 0, retransmits: 0, resetsSent: 0, resetsReceived: 0, drops: 0, zeroWindows: 0, tlsRead: 0, tlsUnseen: 0, active: 0 };
  return { ...counts, reasons: {}, connect: none, rtt: none, ...change };
}

function requests(count: number, errors: number, p99 = 0.1): TimedRequests {
  return { count, errors, mean: p99 / 2, p50: p99 / 4, p99 };
}

function edge(from: string, to: string, change: Partial<MapEdge> = {}): MapEdge {
  return { from, to, ports: ["80"], addresses: ["10.0.0.2"], addressCount: 1, protocols: [], shared: false, sent: null, answered: null, networkSeconds: null, client: null, server: null, ...change };
}

function mapOf(...edges: MapEdge[]): Topology {
  const ids = new Set(edges.flatMap(({ from, to }) => [from, to]));
  return { nodes: [...ids].map(node), edges, empty: null };
}

const only = (one: MapEdge) => edgeRows(mapOf(one), 60, percent)[0];

describe("an edge", () => {
  it("has what the client waited for, and both ends' retransmits", () => {
    const row = only(
      edge("service:shop", "service:db", {
        protocols: ["postgresql"],
        sent: requests(600, 3, 0.4),
        answered: requests(590, 2, 0.2),
        networkSeconds: 0.1,
        client: end({ bytesSent: 600, bytesReceived: 1200, packetsSent: 100, retransmits: 3, resetsSent: 1, resetsReceived: 4 }),
        server: end({ packetsSent: 300, retransmits: 5, resetsSent: 4, resetsReceived: 1 }),
      }),
    );
    expect(row).toMatchObject({ protocol: "postgresql", rate: 10, failed: 0.005, p99: 0.4, network: 0.1, bytes: 30, retransmits: 0.02, resets: 5 });
    expect(row.troubles).toEqual([
      { text: "2% sent again", severity: 2 },
      { text: "0.5% failed", severity: 1 },
    ]);
  });

  it("of which one end is watched has that one's, and the resets of both", () => {
    const row = only(edge("address:1.2.3.4", "service:web", { answered: requests(60, 0), server: end({ bytesSent: 60, packetsSent: 5, resetsSent: 2, resetsReceived: 3 }) }));
    expect(row).toMatchObject({ rate: 1, failed: 0, bytes: 1, resets: 5, network: null, troubles: [], health: 0, protocol: "tcp" });
  });

  it("says whether TLS on it is seen into, which one end may do alone", () => {
    const words = (client: Partial<EdgeEnd> | null, server: Partial<EdgeEnd>) => tlsWords(edge("service:a", "service:b", { client: client && end(client), server: end(server) }));
    expect(words({}, {})).toBe("");
    expect(words(null, { tlsRead: 3 })).toBe("seen into");
    expect(words({ tlsUnseen: 3 }, { tlsUnseen: 2 })).toBe("not seen into");
    expect(words({ tlsUnseen: 3 }, { tlsRead: 3 })).toBe("seen into in part");
  });

  it("is not well when connects fail, however few, and says how many", () => {
    const row = only(edge("service:a", "address:10.0.0.9:6379", { client: end({ connects: 995, connectFailures: 5 }) }));
    expect(row.troubles).toEqual([{ text: "5 of 1000 connects failed", severity: 1 }]);
    expect(only(edge("service:a", "address:x:1", { client: end({ connectFailures: 1 }) })).troubles[0].severity).toBe(2);
  });

  it("is warned of for closed windows and packets that were dropped, when these are more than one in a thousand", () => {
    const row = only(edge("service:a", "service:b", { client: end({ packetsReceived: 1000, drops: 20, zeroWindows: 1 }) }));
    expect(row.troubles).toEqual([
      { text: "1 closed window", severity: 1 },
      { text: "2% dropped", severity: 1 },
    ]);
    expect(only(edge("service:a", "service:b", { client: end({ packetsReceived: 2000, drops: 1 }) })).troubles).toEqual([]);
  });

  it("is not called ill for one of very few", () => {
    expect(only(edge("service:a", "service:b", { sent: requests(9, 9), client: end({ packetsSent: 5, retransmits: 1 }) })).troubles).toEqual([]);
  });

  it("is asked for over time by the service that is watched, its peers and ports", () => {
    const question = questionOf(only(edge("service:a", "service:b", { ports: ["80", "8080"], addresses: ["10.0.0.2", "fe80::1"], client: end() })));
    expect(question).toEqual({
      role: "client",
      requests: [
        { label: "service_name", op: "=", value: "a" },
        { label: "server.port", op: "=~", value: "80|8080" },
        { label: "server.address", op: "=~", value: "10\\.0\\.0\\.2|fe80::1" },
      ],
      network: [
        { label: "service_name", op: "=", value: "a" },
        { label: "server.port", op: "=~", value: "80|8080" },
        { label: "network.peer.address", op: "=~", value: "10\\.0\\.0\\.2|fe80::1" },
        { label: "flarepath.role", op: "=", value: "client" },
      ],
    });
    expect(questionOf(only(edge("address:x", "service:b", { server: end() })))).toMatchObject({ role: "server" });
    expect(questionOf(only(edge("others:callers", "service:b", { client: end() })))).toBeNull();
  });

  it("whose end is not there is left out", () => {
    expect(edgeRows({ ...mapOf(edge("service:a", "service:b")), nodes: [node("service:a")] }, 60, percent)).toEqual([]);
  });
});

const names = fc.constantFrom("a", "b", "c", "d", "e", "f", "g");
const ways = fc.array(fc.record({ from: names, to: names }), { maxLength: 24 });

describe("edges in a table", () => {
  it("are ordered by any column either way, what has no value last", () => {
    const some = fc.array(fc.record({ from: names, to: names, count: fc.nat(40), seen: fc.boolean() }), { maxLength: 12 });
    fc.assert(
      fc.property(some, fc.constantFrom(...EDGE_KEYS), fc.boolean(), (all, key, ascending) => {
        const edges = all.map(({ from, to, count, seen }) => edge(`service:${from}`, `service:${to}`, { sent: seen ? requests(count + 1, count) : null }));
        const ordered = orderedEdges(edgeRows(mapOf(...edges), 10, percent), key, ascending);
        expect(ordered).toHaveLength(edges.length);
        const values = ordered.map((row) => (key === "from" ? row.from.name : key === "to" ? row.to.name : row[key]));
        const told = values.filter((value) => value !== null) as (string | number)[];
        expect(values.slice(told.length).every((value) => value === null)).toBe(true);
        for (let i = 1; i < told.length; i++) expect(ascending ? told[i - 1] <= told[i] : told[i - 1] >= told[i]).toBe(true);
      }),
    );
  });
});

describe("the layers of a map", () => {
  const sizes = { width: 100, height: 40, between: 60, gap: 10 };
  const all = ["a", "b", "c", "d", "e", "f", "g"];

  it("are the same in whatever order nodes and edges come", () => {
    fc.assert(
      fc.property(fc.uniqueArray(names), ways, fc.infiniteStream(fc.nat(1000)), (ids, edges, random) => {
        const shuffled = <T>(list: T[]) => list.map((one) => [random.next().value, one] as const).sort(([x], [y]) => x - y).map(([, one]) => one);
        const unique = [...new Map(edges.map((one) => [`${one.from} ${one.to}`, one])).values()];
        expect(placeLayers(shuffled(ids), shuffled(unique), sizes)).toEqual(placeLayers(ids, unique, sizes));
      }),
    );
  });

  it("hold every node once, on no other, and every edge from its one end to its other", () => {
    fc.assert(
      fc.property(ways, (edges) => {
        const picture = placeLayers(all, edges, sizes);
        expect(picture.nodes.map(({ id }) => id)).toEqual(all);
        for (const one of picture.nodes) {
          expect(one.x >= 0 && one.x + sizes.width <= picture.width && one.y >= 0 && one.y + sizes.height <= picture.height + 1e-9).toBe(true);
          for (const other of picture.nodes) if (other.id !== one.id && other.x === one.x) expect(Math.abs(other.y - one.y)).toBeGreaterThanOrEqual(sizes.height);
        }
        const at = new Map(picture.nodes.map((one) => [one.id, one]));
        expect(picture.edges).toHaveLength(edges.filter(({ from, to }) => from !== to).length);
        for (const { from, to, points } of picture.edges) {
          const [first, last] = [points[0], points[points.length - 1]];
          expect(first.y).toBeCloseTo(at.get(from)!.y + sizes.height / 2);
          expect(last.y).toBeCloseTo(at.get(to)!.y + sizes.height / 2);
          expect([at.get(from)!.x, at.get(from)!.x + sizes.width]).toContain(first.x);
          expect([at.get(to)!.x, at.get(to)!.x + sizes.width]).toContain(last.x);
        }
      }),
    );
  });

  it("go from left to right where nothing goes round in circles", () => {
    const picture = placeLayers(["web", "db", "shop", "cache"], [{ from: "web", to: "shop" }, { from: "shop", to: "db" }, { from: "shop", to: "cache" }, { from: "web", to: "cache" }], sizes);
    const x = Object.fromEntries(picture.nodes.map((one) => [one.id, one.x]));
    expect(x).toEqual({ web: 0, shop: 160, db: 320, cache: 320 });
  });

  it("cut a circle where one enters it", () => {
    const picture = placeLayers(["a", "b", "web"], [{ from: "web", to: "b" }, { from: "b", to: "a" }, { from: "a", to: "b" }], sizes);
    expect(Object.fromEntries(picture.nodes.map((one) => [one.id, one.x]))).toEqual({ web: 0, b: 160, a: 320 });
  });

  it("of nothing are nothing", () => {
    expect(placeLayers([], [], sizes)).toEqual({ nodes: [], edges: [], width: 0, height: 0 });
  });
});
