import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Point } from "../draw/flame-element";
import { placeBeside } from "../draw/floating";

/** One thing that can be done. */
export interface MenuItem {
  text: string;
  key?: string;
  act: () => void;
}

interface Props {
  /** What it is about, for screen readers. */
  label: string;
  groups: readonly (readonly MenuItem[])[];
  at: Point;
  onClose: () => void;
}

/** A menu at the pointer, or at what it belongs to when it was asked for by a key; walked by arrows, it gives the focus back. */
export function Menu({ label, groups, at, onClose }: Props) {
  const menu = useRef<HTMLDivElement>(null);
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
  }, [at]);
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
    <div ref={menu} popover="manual" class="menu" role="menu" aria-label={label} onKeyDown={key} onContextMenu={(event) => event.preventDefault()}>
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
