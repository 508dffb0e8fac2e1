import type { ComponentChildren, Ref } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

export const TABLE_ROW = 24;
const SPARE = 8;

interface Props {
  count: number;
  /** Row that is to be in view; -1 for none. */
  reveal: number;
  role: "table" | "treegrid";
  label: string;
  head: ComponentChildren;
  row: (index: number) => ComponentChildren;
  onKeyDown?: (event: KeyboardEvent) => void;
  bodyRef?: Ref<HTMLDivElement>;
}

/** Draws only the rows in view, so that a hundred thousand cost as little as thirty. */
export function VirtualRows({ count, reveal, role, label, head, row, onKeyDown }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  const look = () => {
    const div = scroller.current;
    if (div) setView({ top: div.scrollTop, height: div.clientHeight });
  };
  useEffect(() => {
    const observer = new ResizeObserver(look);
    observer.observe(scroller.current!);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    const div = scroller.current!;
    if (reveal < 0) return;
    const top = reveal * TABLE_ROW;
    const visible = div.clientHeight - TABLE_ROW;
    if (top < div.scrollTop) div.scrollTop = top;
    else if (top + TABLE_ROW > div.scrollTop + visible) div.scrollTop = top + TABLE_ROW - visible;
    look();
  }, [reveal, count]);
  const first = Math.max(0, Math.floor(view.top / TABLE_ROW) - SPARE);
  const last = Math.min(count, Math.ceil((view.top + view.height) / TABLE_ROW) + SPARE);
  const rows: ComponentChildren[] = [];
  for (let i = first; i < last; i++) rows.push(row(i));
  return (
    <div class="rows" ref={scroller} onScroll={look} role={role} aria-label={label} aria-rowcount={count + 1} tabIndex={0} {...(onKeyDown ? { onKeyDown } : {})}>
      <div role="rowgroup" class="rows-head">
        {head}
      </div>
      <div role="rowgroup" class="rows-body" style={{ height: `${count * TABLE_ROW}px` }}>
        <div role="presentation" class="rows-window" style={{ transform: `translateY(${first * TABLE_ROW}px)` }}>
          {rows}
        </div>
      </div>
    </div>
  );
}
