import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Point } from "../draw/flame-element";
import { placeBeside } from "../draw/floating";
import { isFolded, withTransform } from "../model/transform";
import { FLAG_FOLDED, isOther, isUnnamed, labelOf, nameOf } from "../model/tree";
import { changeTransforms, copyText, exactPattern, showFunction, stackOf, toggleFold } from "../state/actions";
import type { FlameSource } from "../state/flame-source";
import { go, state } from "../state/store";

/** One thing that can be done with a frame. */
export interface MenuItem {
  text: string;
  key?: string;
  act: () => void;
}

interface Props {
  source: FlameSource;
  node: number;
  at: Point;
  onZoom: (node: number) => void;
  onClose: () => void;
}

/** What can be done with a frame: a menu at the pointer, or at the frame when it was asked for by a key. */
export function FrameMenu({ source, node, at, onZoom, onClose }: Props) {
  const menu = useRef<HTMLDivElement>(null);
  const groups = menuItems(source, node, onZoom);
  useLayoutEffect(() => {
    const div = menu.current!;
    const before = document.activeElement;
    div.showPopover();
    const { x, y } = placeBeside(at, { width: div.offsetWidth, height: div.offsetHeight }, { width: innerWidth, height: innerHeight }, { x: 1, y: 1 });
    div.style.left = `${x}px`;
    div.style.top = `${y}px`;
    itemsOf(div)[0]?.focus();
    return () => {
      if (before instanceof HTMLElement && (document.activeElement === document.body || div.contains(document.activeElement))) before.focus({ preventScroll: true });
    };
  }, [node, at]);
  useEffect(() => {
    const outside = (event: Event) => {
      if (!menu.current?.contains(event.target as Node)) onClose();
    };
    addEventListener("pointerdown", outside, true);
    addEventListener("resize", onClose);
    addEventListener("wheel", outside, { capture: true, passive: true });
    return () => {
      removeEventListener("pointerdown", outside, true);
      removeEventListener("resize", onClose);
      removeEventListener("wheel", outside, { capture: true });
    };
  }, [onClose]);

  const key = (event: KeyboardEvent) => {
    const items = itemsOf(menu.current!);
    const focused = items.indexOf(document.activeElement as HTMLElement);
    const move: Record<string, number> = { ArrowDown: focused + 1, ArrowUp: focused - 1, Home: 0, End: items.length - 1 };
    event.stopPropagation();
    if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      onClose();
    } else if (event.key in move) {
      event.preventDefault();
      items[(move[event.key] + items.length) % items.length]?.focus();
    }
  };
  return (
    <div ref={menu} popover="manual" class="menu" role="menu" aria-label={`What to do with ${labelOf(source.tree, node)}`} onKeyDown={key} onContextMenu={(event) => event.preventDefault()}>
      {groups.map((items, i) => (
        <div role="group" key={i}>
          {items.map((item) => (
            <button
              type="button"
              role="menuitem"
              tabIndex={-1}
              key={item.text}
              onClick={() => {
                onClose();
                item.act();
              }}
            >
              <span>{item.text}</span>
              {item.key && <kbd>{item.key}</kbd>}
            </button>
          ))}
        </div>
      ))}
    </div>
  );
}

function itemsOf(menu: HTMLElement): HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>("[role=menuitem]")];
}

function menuItems(source: FlameSource, node: number, onZoom: (node: number) => void): MenuItem[][] {
  const { tree } = source;
  if (node === 0) return [[{ text: "Whole profile", key: "0", act: () => go({ zoom: [], focus: [], fn: "" }) }], foldItem()];
  if (isOther(tree, node)) return [[{ text: "Load what is folded here", act: () => onZoom(tree.parent[node]) }]];
  const name = nameOf(tree, node);
  const label = labelOf(tree, node).replace(/ \[i\]$/, "");
  const made = (tree.flags[node] & FLAG_FOLDED) !== 0;
  const add = (what: "below" | "hide" | "drop") => () => changeTransforms(withTransform(state.peek().transforms, { what, name }));
  const look: MenuItem[] = [
    ...(state.peek().fn === "" ? [{ text: "Zoom in", key: "Enter", act: () => onZoom(node) }] : []),
    { text: "Callers and callees", key: "s", act: () => showFunction(name) },
    { text: "Find in the table", act: () => go({ panel: "top", filter: "", search: exactPattern(label) }) },
  ];
  const copy: MenuItem[] = [
    { text: "Copy name", act: () => copyText(label) },
    { text: "Copy stack", act: () => copyText(stackOf(source, node)) },
  ];
  const hide: MenuItem[] = [
    { text: "Hide what it calls", act: add("below") },
    { text: "Hide this function, keep what it calls", act: add("hide") },
    { text: "Leave out stacks with it", act: add("drop") },
  ];
  return [look, copy, made ? foldItem() : isUnnamed(tree, node) ? [...hide, ...foldItem()] : hide];
}

function foldItem(): MenuItem[] {
  const folded = isFolded(state.peek().transforms);
  return [{ text: folded ? "Unfold frames without symbols" : "Fold frames without symbols", act: toggleFold }];
}
