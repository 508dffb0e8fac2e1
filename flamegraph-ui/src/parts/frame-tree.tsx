import { useEffect, useMemo, useState } from "preact/hooks";
import { childrenOf, isLowConfidence, isUnnamed, kindOf, labelOf, LOW_CONFIDENCE } from "../model/tree";
import { barName } from "../draw/label";
import type { FlameSource } from "../state/flame-source";
import { KindMark } from "./top-table";
import { VirtualRows } from "./virtual-rows";

interface Props {
  source: FlameSource;
  selected: number;
  onSelect: (node: number) => void;
  onZoom: (node: number) => void;
}

/**
 * The same frames as a tree of rows: for keyboards, for screen readers, and for reading numbers.
 * Selection goes both ways between it and the picture.
 */
export function FrameTree({ source, selected, onSelect, onZoom }: Props) {
  const { tree } = source;
  const [opened, setOpened] = useState<{ source: FlameSource; nodes: Set<number> }>(() => ({ source, nodes: defaultOpen(source) }));
  const open = useMemo(() => withWayTo(opened.source === source ? opened.nodes : defaultOpen(source), source, selected), [opened, source, selected]);
  // What was opened on the way to a selection stays open when the selection moves on.
  useEffect(() => setOpened({ source, nodes: open }), [source, selected]);
  const rows = useMemo(() => visibleRows(source, open), [source, open]);
  const index = rows.indexOf(selected);
  const set = (node: number, isOpen: boolean) => {
    const nodes = new Set(open);
    if (isOpen) nodes.add(node);
    else nodes.delete(node);
    setOpened({ source, nodes });
  };

  const key = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = Math.max(0, index);
    const node = rows[at];
    const hasChildren = childrenOf(tree, node).length > 0;
    const act: Record<string, () => void> = {
      ArrowDown: () => onSelect(rows[Math.min(rows.length - 1, at + 1)]),
      ArrowUp: () => onSelect(rows[Math.max(0, at - 1)]),
      ArrowRight: () => {
        if (!hasChildren) return;
        if (open.has(node)) onSelect(rows[at + 1]);
        else set(node, true);
      },
      ArrowLeft: () => {
        if (open.has(node) && hasChildren) set(node, false);
        else if (tree.parent[node] >= 0) onSelect(tree.parent[node]);
      },
      Home: () => onSelect(rows[0]),
      End: () => onSelect(rows[rows.length - 1]),
      Enter: () => onZoom(node),
    };
    if (!act[event.key]) return;
    event.preventDefault();
    act[event.key]();
  };

  return (
    <section class="side-body" aria-label="Frames as a tree">
      <VirtualRows
        role="treegrid"
        label="Frames"
        count={rows.length}
        reveal={index}
        onKeyDown={key}
        head={
          <div role="row" class="row tree-row">
            <span role="columnheader">frame</span>
            <span role="columnheader" class="number">
              {source.columns[0]}
            </span>
            <span role="columnheader" class="number">
              {source.columns[1]}
            </span>
          </div>
        }
        row={(i) => {
          const node = rows[i];
          const children = childrenOf(tree, node).length;
          const cells = source.cells(node);
          return (
            <div
              role="row"
              key={node}
              class={`row tree-row${node === selected ? " current" : ""}${isUnnamed(tree, node) ? " unnamed" : ""}`}
              aria-rowindex={i + 2}
              aria-level={tree.depth[node] + 1}
              aria-selected={node === selected}
              {...(children > 0 ? { "aria-expanded": open.has(node) } : {})}
              onClick={() => onSelect(node)}
              onDblClick={() => onZoom(node)}
            >
              <span role="gridcell" class="cell-name" style={{ paddingLeft: `${Math.min(tree.depth[node], 40) * 9}px` }}>
                <span
                  class="twisty"
                  aria-hidden="true"
                  onClick={(event) => {
                    event.stopPropagation();
                    set(node, !open.has(node));
                  }}
                >
                  {children === 0 ? "" : open.has(node) ? "▾" : "▸"}
                </span>
                <KindMark kind={kindOf(tree, node)} />
                <span class="cell-text" title={isLowConfidence(tree, node) ? `${labelOf(tree, node)}, ${LOW_CONFIDENCE}` : labelOf(tree, node)}>
                  {barName(labelOf(tree, node))}
                </span>
              </span>
              <span role="gridcell" class="number">
                {cells[0]}
              </span>
              <span role="gridcell" class="number">
                {cells[1]}
              </span>
            </div>
          );
        }}
      />
    </section>
  );
}

/** The root, and from there the way of the widest frames: where most of the time went. */
function defaultOpen(source: FlameSource): Set<number> {
  const { tree, layout } = source;
  const open = new Set<number>([0]);
  let at = 0;
  for (;;) {
    const children = childrenOf(tree, at);
    if (children.length === 0) return open;
    let widest = children[0];
    for (const child of children) if (layout.position[child] < layout.position[widest]) widest = child;
    if (source.width[widest] < source.width[0] * 0.2) return open;
    open.add(widest);
    at = widest;
  }
}

function withWayTo(open: Set<number>, source: FlameSource, node: number): Set<number> {
  const result = new Set(open);
  for (let at = source.tree.parent[node] ?? -1; at >= 0; at = source.tree.parent[at]) result.add(at);
  return result;
}

/** Rows in reading order: a frame, then what it calls, widest first. */
function visibleRows(source: FlameSource, open: ReadonlySet<number>): number[] {
  const { tree, layout } = source;
  const rows: number[] = [];
  const stack = [0];
  while (stack.length > 0) {
    const node = stack.pop()!;
    rows.push(node);
    if (!open.has(node)) continue;
    // Frames of no width are not shown in the picture either.
    const children = [...childrenOf(tree, node)].filter((child) => source.width[child] > 0).sort((a, b) => layout.position[b] - layout.position[a]);
    stack.push(...children);
  }
  return rows;
}
