import { useSignal, type ReadonlySignal, type Signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { FlameElement, type FlameModel, type Point } from "../draw/flame-element";
import { placeBeside, type Size } from "../draw/floating";
import { css } from "../draw/palette";
import { isOther, labelOf } from "../model/tree";
import type { FlameSource } from "../state/flame-source";
import { reading } from "../state/store";

/** A frame that is pointed at, or a strip of `count` of which it is the widest. */
export interface Pointed {
  node: number;
  count: number;
}

interface Props extends Omit<FlameModel, "layout" | "look"> {
  source: FlameSource;
  look: FlameModel["look"];
  /** What the picture shows, for screen readers. */
  label: string;
  dimmed: boolean;
  /** Told what the pointer is over. */
  pointed: Signal<Pointed | null>;
  onSelect: (node: number) => void;
  onZoom: (node: number) => void;
  onMenu: (node: number, at: Point) => void;
  /** Height in pixels; without it the graph takes what room there is. */
  height?: number;
}

/** The flame graph with the tip that follows the pointer, or stands at the frame that keys have reached. */
export function FlameCanvas(props: Props) {
  const { source, look, palette, matches, upward, zoom, selected, pointed, label } = props;
  const host = useRef<HTMLDivElement>(null);
  const element = useRef<FlameElement | null>(null);
  const pointer = useRef<Point>({ x: 0, y: 0 });
  const reached = useSignal(-1);
  const tip = useRef<TipPlace | null>(null);

  useLayoutEffect(() => {
    const made = document.createElement("flame-graph") as FlameElement;
    element.current = made;
    host.current!.append(made);
    return () => {
      made.remove();
      reading.value = false;
    };
  }, []);
  useLayoutEffect(() => {
    const flame = element.current!;
    flame.onHover = (hit) => {
      pointed.value = hit && { node: hit.node, count: hit.count };
      reading.value = hit !== null;
      if (hit) reached.value = -1;
    };
    flame.onPoint = (at) => {
      pointer.current = at;
      tip.current?.move(at);
    };
    flame.onFocusFrame = (node) => (reached.value = node ?? -1);
    flame.onSelect = props.onSelect;
    flame.onZoom = props.onZoom;
    flame.onMenu = (node, at) => {
      pointed.value = null;
      reached.value = -1;
      props.onMenu(node, at);
    };
    flame.describe(`${label}. Arrow keys move between frames, Enter zooms in, M opens a menu, Escape goes back.`);
    flame.show({ layout: source.layout, look, palette, matches, upward, zoom, selected });
  });
  useEffect(() => {
    pointed.value = null;
    reached.value = -1;
  }, [source]);

  const anchor = () => (pointed.peek() ? pointer.current : (element.current?.anchorOf(reached.peek()) ?? pointer.current));
  return (
    <div ref={host} class={`flame-host${props.dimmed ? " dimmed" : ""}`} style={props.height === undefined ? undefined : { flex: `0 1 ${props.height}px` }}>
      <Tip source={source} look={look} zoom={zoom} pointed={pointed} reached={reached} anchor={anchor} place={tip} />
    </div>
  );
}

/** Moves the tip without drawing it anew. */
interface TipPlace {
  move: (at: Point) => void;
}

interface TipProps {
  source: FlameSource;
  look: FlameModel["look"];
  zoom: number;
  pointed: ReadonlySignal<Pointed | null>;
  reached: ReadonlySignal<number>;
  anchor: () => Point;
  place: { current: TipPlace | null };
}

/** All that is known of the frame at the pointer. */
function Tip({ source, look, zoom, pointed, reached, anchor, place }: TipProps) {
  const div = useRef<HTMLDivElement>(null);
  const { node, count } = pointed.value ?? { node: reached.value, count: 1 };
  const known = node >= 0 && node < source.tree.size;
  useLayoutEffect(() => {
    if (!known || !div.current) return;
    // Its size is read once for each frame, not for each move of the pointer.
    const size: Size = { width: div.current.offsetWidth, height: div.current.offsetHeight };
    const move = (at: Point) => {
      const { x, y } = placeBeside(at, size, { width: innerWidth, height: innerHeight }, { x: 12, y: 18 });
      if (div.current) div.current.style.transform = `translate(${x}px, ${y}px)`;
    };
    place.current = { move };
    move(anchor());
    // Keys scroll the picture after this: the frame is where it stands once that is drawn.
    const later = pointed.peek() ? 0 : requestAnimationFrame(() => move(anchor()));
    return () => {
      cancelAnimationFrame(later);
      place.current = null;
    };
  }, [source, zoom, node, count, known]);
  if (!known) return null;
  const { tree } = source;
  return (
    <div ref={div} class="tip" role="tooltip">
      <p class="tip-name">
        <i class="swatch" aria-hidden="true" style={{ background: css(look(node).colour) }} />
        <span>{labelOf(tree, node)}</span>
      </p>
      {count > 1 && <p class="soft">and {count - 1} frames beside it, too thin to draw</p>}
      <dl>
        {source.facts(node, zoom).map(([term, text]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <p class="tip-hint">{isOther(tree, node) ? "click to load what is folded here" : "double click zooms in · right click for more"}</p>
    </div>
  );
}
