import { useEffect, useMemo, useRef } from "preact/hooks";
import { seconds } from "../format/seconds";
import { compact, count, percent } from "../format/units";
import { placeLayers, type PlacedEdge } from "../layout/layers";
import { severityOf, type EdgeRow, type MapNode } from "../model/topology";
import { shortService } from "./services";

const SIZES = { width: 180, height: 44, between: 160, gap: 26 };
const MARGIN = 24;
/** A picture that is too wide is drawn smaller, down to this; then it scrolls. */
const LEAST_SCALE = 0.7;
/** With more edges than this only those that are looked at, or that are not well, have their numbers written. */
const MOST_LABELS = 24;

interface Props {
  nodes: MapNode[];
  rows: EdgeRow[];
  /** Id of the node or edge that is looked at. */
  pick: string;
  onPick: (id: string) => void;
}

/** Services and what they call, from left to right. The table beside it says the same in text. */
export function MapPicture({ nodes, rows, pick, onPick }: Props) {
  const placed = useMemo(() => placeLayers(nodes.map(({ id }) => id), rows.map(({ edge }) => edge), SIZES), [nodes, rows]);
  const [width, height] = [placed.width + 2 * MARGIN, placed.height + 2 * MARGIN];
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const rowOf = new Map(rows.map((row) => [row.id, row]));
  const most = Math.max(1, ...rows.map(({ bytes }) => bytes));
  const near = (row: EdgeRow) => pick === "" || pick === row.id || pick === row.from.id || pick === row.to.id;
  const edges = placed.edges.flatMap((line) => {
    const row = rowOf.get(`${line.from} ${line.to}`);
    return row ? [{ row, line: aside(line) }] : [];
  });
  const worst = new Map<string, number>();
  for (const row of rows) worst.set(row.to.id, Math.max(worst.get(row.to.id) ?? 0, row.troubles[0]?.severity ?? 0));
  const tell = (row: EdgeRow) => rows.length <= MOST_LABELS || row.troubles.length > 0 || (pick !== "" && near(row));
  const labels = edges.filter(({ row }) => tell(row)).map(({ row, line }) => ({ row, at: labelAt(line, rows) }));
  spread(labels);
  const scroller = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const all = scroller.current!.querySelectorAll("[data-node], [data-edge]");
    const picked = [...all].find((one) => one.getAttribute("data-node") === pick || one.getAttribute("data-edge") === pick);
    picked?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [pick]);
  return (
    <div ref={scroller} class="map-scroller" tabIndex={0} role="group" aria-label={`Map of ${nodes.length} nodes and ${rows.length} edges`}>
      <svg class="map" viewBox={`0 0 ${width} ${height}`} style={{ width: `${width}px`, minWidth: `${width * LEAST_SCALE}px` }}>
        <defs>
          <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto-start-reverse">
            <path d="M0 0L8 4L0 8Z" class="map-arrow" />
          </marker>
        </defs>
        <g transform={`translate(${MARGIN} ${MARGIN})`}>
          {edges.map(({ row, line }) => (
            <g key={row.id} class={`map-edge${tone(row)}${near(row) ? "" : " far"}${pick === row.id ? " picked" : ""}`} data-edge={row.id} onClick={() => onPick(row.id)}>
              <path class="map-hit" d={curve(line.points)} />
              <path class="map-line" d={curve(line.points)} stroke-width={1 + 2.5 * Math.sqrt(row.bytes / most)} marker-end="url(#arrow)" />
            </g>
          ))}
          {labels.map(({ row, at }) => (
            <g key={row.id} class={`map-label${tone(row)}${near(row) ? "" : " far"}`} transform={`translate(${at.x} ${at.y})`} onClick={() => onPick(row.id)}>
              {edgeText(row).map((text, i) => (
                <text key={i} y={i * 13} class={i > 0 ? "map-trouble" : ""}>
                  {text}
                </text>
              ))}
            </g>
          ))}
          {placed.nodes.map(({ id, x, y }) => {
            const node = byId.get(id)!;
            return (
              <g
                key={id}
                class={`map-node map-${node.kind}${worst.get(id) === 2 ? " bad" : ""}${pick === id ? " picked" : ""}`}
                transform={`translate(${x} ${y})`}
                role="button"
                tabindex={0}
                aria-pressed={pick === id}
                aria-label={`${shownTitle(node)} ${nodeNumbers(node, worst.has(id))}`}
                data-node={id}
                onClick={() => onPick(id)}
                onKeyDown={(event) => {
                  if (event.key !== "Enter" && event.key !== " ") return;
                  event.preventDefault();
                  onPick(id);
                }}
              >
                {shownTitle(node) !== node.name && node.kind !== "others" && <title>{node.name}</title>}
                <rect width={SIZES.width} height={SIZES.height} rx="5" />
                <text x="10" y="18" class="map-name">
                  {shownTitle(node)}
                </text>{" "}
                <text x="10" y="34" class="map-numbers">
                  {nodeNumbers(node, worst.has(id))}
                </text>
              </g>
            );
          })}
        </g>
      </svg>
    </div>
  );
}

function shownTitle({ kind, name, count: together }: MapNode): string {
  return kind === "others" ? `${count(together)} more` : clip(shortService(name) || "(no name)", 25);
}

function nodeNumbers({ kind, name, requests }: MapNode, called: boolean): string {
  if (kind === "others") return name === "callers" ? "that call" : "that are called";
  if (kind === "address") return "not watched";
  if (!requests) return called ? "requests not read" : "calls others";
  return `${failed(requests)} · p99 ${seconds(requests.p99)}`;
}

function failed({ errors, count: all }: { errors: number; count: number }): string {
  const severity = severityOf(errors / all);
  return severity === 0 ? `${count(all)} req` : `${severity === 2 ? "▲" : "△"} ${percent(errors / all)} failed`;
}

function clip(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

function tone(row: EdgeRow): string {
  return row.troubles.length === 0 ? "" : row.troubles[0].severity === 2 ? " bad" : " warn";
}

/** What is written on an edge: its numbers, and the worst of what is wrong. */
function edgeText(row: EdgeRow): string[] {
  const numbers = row.rate === null ? row.protocol : `${compact(row.rate)}/s · ${seconds(row.p99)}`;
  const [worst] = row.troubles;
  return worst ? [numbers, `${worst.severity === 2 ? "▲" : "△"} ${worst.text}`] : [numbers];
}

/** An edge that leads back stands beside one that leads the same way forth. */
function aside(line: PlacedEdge): PlacedEdge {
  const [first] = line.points;
  const last = line.points[line.points.length - 1];
  return last.x > first.x ? line : { ...line, points: line.points.map(({ x, y }) => ({ x, y: y + 10 })) };
}

function curve(points: { x: number; y: number }[]): string {
  let path = `M${points[0].x} ${points[0].y}`;
  for (let i = 1; i < points.length; i++) {
    const [a, b] = [points[i - 1], points[i]];
    const bend = (b.x - a.x) / 2;
    path += a.y === b.y ? `L${b.x} ${b.y}` : `C${a.x + bend} ${a.y} ${b.x - bend} ${b.y} ${b.x} ${b.y}`;
  }
  return path;
}

/** Where edges that meet are apart: near the end at which fewer of them come together. */
function labelAt({ from, to, points }: PlacedEdge, rows: EdgeRow[]): { x: number; y: number } {
  const out = rows.filter((row) => row.from.id === from).length;
  const into = rows.filter((row) => row.to.id === to).length;
  const near = into > out ? [points[0], points[1]] : [points[points.length - 2], points[points.length - 1]];
  const t = into > out ? 0.36 : 0.64;
  const [a, b] = near;
  // Of the curve above: both middle points have the x of the middle.
  const middle = 3 * (1 - t) * t;
  const y = ((1 - t) ** 3 + middle * (1 - t)) * a.y + (middle * t + t ** 3) * b.y;
  return { x: (a.x + b.x) / 2, y: y - 5 };
}

const LINE = 28;

/** Moves labels that stand on each other down. */
function spread(labels: { row: EdgeRow; at: { x: number; y: number } }[]): void {
  const columns = new Map<number, typeof labels>();
  for (const label of labels) columns.set(label.at.x, [...(columns.get(label.at.x) ?? []), label]);
  for (const column of columns.values()) {
    column.sort((a, b) => a.at.y - b.at.y);
    for (let i = 1; i < column.length; i++) {
      const least = column[i - 1].at.y + (column[i - 1].row.troubles.length > 0 ? LINE : LINE / 2);
      column[i].at.y = Math.max(column[i].at.y, least);
    }
  }
}
