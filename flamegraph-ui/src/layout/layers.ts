/** Sizes of a layered picture, in pixels. */
export interface LayerSizes {
  width: number;
  height: number;
  /** Between layers, where the edges run. */
  between: number;
  /** Between nodes of a layer. */
  gap: number;
}

export interface PlacedNode {
  id: string;
  x: number;
  y: number;
}

export interface PlacedEdge {
  from: string;
  to: string;
  /** Where it runs: from one node's side through gaps to the other's. */
  points: { x: number; y: number }[];
}

export interface Layers {
  nodes: PlacedNode[];
  edges: PlacedEdge[];
  width: number;
  height: number;
}

interface Spot {
  id: string;
  layer: number;
  height: number;
  at: number;
  left: Spot[];
  right: Spot[];
}

/** How often the order within layers is looked at again, forth and back. */
const SWEEPS = 8;

/**
 * Places nodes so that edges run from left to right, as far as they do not go round in circles. The same
 * nodes and edges have the same picture, in whatever order they come. Edges from a node to itself, and
 * between nodes that are not there, are left out.
 */
export function placeLayers(ids: readonly string[], ways: readonly { from: string; to: string }[], sizes: LayerSizes): Layers {
  const nodes = [...new Set(ids)].sort();
  const known = new Set(nodes);
  const edges = ways.filter(({ from, to }) => from !== to && known.has(from) && known.has(to)).sort((a, b) => order(a.from, b.from) || order(a.to, b.to));
  const forward = withoutCircles(nodes, edges);
  const layers = longestPaths(nodes, forward);
  const spots = new Map<string, Spot>(nodes.map((id) => [id, { id, layer: layers.get(id)!, height: sizes.height, at: 0, left: [], right: [] }]));
  const lanes = edges.map((edge) => chain(edge, spots));
  const columns = inOrder([...spots.values(), ...lanes.flatMap((lane) => lane.slice(1, -1))]);
  return pictured(nodes, spots, edges, lanes, columns, sizes);
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The edges with those turned round that lead back to where a walk came from. */
function withoutCircles(nodes: string[], edges: { from: string; to: string }[]): { from: string; to: string }[] {
  const out = new Map<string, string[]>();
  const incoming = new Map<string, number>();
  for (const { from, to } of edges) {
    out.set(from, [...(out.get(from) ?? []), to]);
    incoming.set(to, (incoming.get(to) ?? 0) + 1);
  }
  const state = new Map<string, "open" | "done">();
  const back = new Set<string>();
  // Those nobody calls come first, so that circles are cut where one enters them.
  const starts = [...nodes].sort((a, b) => (incoming.get(a) ?? 0) - (incoming.get(b) ?? 0) || order(a, b));
  for (const start of starts) {
    if (state.has(start)) continue;
    const stack: { id: string; next: number }[] = [{ id: start, next: 0 }];
    state.set(start, "open");
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      const to = out.get(top.id)?.[top.next++];
      if (to === undefined) {
        state.set(top.id, "done");
        stack.pop();
      } else if (state.get(to) === "open") {
        back.add(`${top.id}\0${to}`);
      } else if (!state.has(to)) {
        state.set(to, "open");
        stack.push({ id: to, next: 0 });
      }
    }
  }
  return edges.map((edge) => (back.has(`${edge.from}\0${edge.to}`) ? { from: edge.to, to: edge.from } : edge));
}

/** The layer of each node: one further right than everything that leads to it. */
function longestPaths(nodes: string[], edges: { from: string; to: string }[]): Map<string, number> {
  const waiting = new Map(nodes.map((id) => [id, 0]));
  const out = new Map<string, string[]>();
  for (const { from, to } of edges) {
    waiting.set(to, waiting.get(to)! + 1);
    out.set(from, [...(out.get(from) ?? []), to]);
  }
  const layers = new Map(nodes.map((id) => [id, 0]));
  const ready = nodes.filter((id) => waiting.get(id) === 0);
  for (let id = ready.shift(); id !== undefined; id = ready.shift()) {
    for (const to of out.get(id) ?? []) {
      layers.set(to, Math.max(layers.get(to)!, layers.get(id)! + 1));
      waiting.set(to, waiting.get(to)! - 1);
      if (waiting.get(to) === 0) ready.push(to);
    }
  }
  return layers;
}

/** An edge as spots in every layer that it passes, from its left end to its right one. */
function chain(edge: { from: string; to: string }, spots: Map<string, Spot>): Spot[] {
  const [a, b] = [spots.get(edge.from)!, spots.get(edge.to)!];
  const [left, right] = a.layer <= b.layer ? [a, b] : [b, a];
  const lane: Spot[] = [left];
  for (let layer = left.layer + 1; layer < right.layer; layer++) lane.push({ id: `${edge.from}\0${edge.to}`, layer, height: 16, at: 0, left: [], right: [] });
  lane.push(right);
  for (let i = 1; i < lane.length; i++) {
    lane[i - 1].right.push(lane[i]);
    lane[i].left.push(lane[i - 1]);
  }
  return lane;
}

/** Layers from left to right, each in an order in which edges cross little. */
function inOrder(spots: Spot[]): Spot[][] {
  const columns: Spot[][] = [];
  for (const spot of spots) (columns[spot.layer] ??= []).push(spot);
  for (const column of columns) {
    column.sort((a, b) => order(a.id, b.id));
    column.forEach((spot, i) => (spot.at = i));
  }
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const forth = sweep % 2 === 0;
    for (const column of forth ? columns : [...columns].reverse()) {
      const wanted = new Map(column.map((spot) => [spot, middle(forth ? spot.left : spot.right, spot.at)]));
      column.sort((a, b) => wanted.get(a)! - wanted.get(b)! || order(a.id, b.id));
      column.forEach((spot, i) => (spot.at = i));
    }
  }
  return columns;
}

function middle(neighbours: Spot[], otherwise: number): number {
  return neighbours.length === 0 ? otherwise : neighbours.reduce((sum, { at }) => sum + at, 0) / neighbours.length;
}

function pictured(nodes: string[], spots: Map<string, Spot>, edges: { from: string; to: string }[], lanes: Spot[][], columns: Spot[][], sizes: LayerSizes): Layers {
  const length = (column: Spot[]) => column.reduce((sum, { height }) => sum + height + sizes.gap, -sizes.gap);
  const height = Math.max(0, ...columns.map(length));
  const tops = new Map<Spot, number>();
  for (const column of columns) {
    let y = (height - length(column)) / 2;
    for (const spot of column) {
      tops.set(spot, y);
      y += spot.height + sizes.gap;
    }
  }
  const x = (spot: Spot) => spot.layer * (sizes.width + sizes.between);
  const centre = (spot: Spot) => tops.get(spot)! + spot.height / 2;
  const placed = nodes.map((id) => ({ id, x: x(spots.get(id)!), y: tops.get(spots.get(id)!)! }));
  const drawn = edges.map((edge, i) => {
    const lane = lanes[i];
    const points = lane.flatMap((spot, at) => {
      const y = centre(spot);
      if (at === 0) return [{ x: x(spot) + sizes.width, y }];
      if (at === lane.length - 1) return [{ x: x(spot), y }];
      return [{ x: x(spot), y }, { x: x(spot) + sizes.width, y }];
    });
    return { ...edge, points: lane[0].id === edge.from ? points : points.reverse() };
  });
  return { nodes: placed, edges: drawn, width: columns.length === 0 ? 0 : columns.length * (sizes.width + sizes.between) - sizes.between, height };
}
