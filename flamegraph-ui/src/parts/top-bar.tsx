import { useEffect, useRef } from "preact/hooks";
import { copyText, said } from "../state/actions";
import { following, go, goScope, now, paused, refresh, state } from "../state/store";
import { theme, toggleTheme } from "../state/theme";
import { initialState, onPage, type Page } from "../url/state";
import { AgentStatus } from "./agent-status";
import { useKeys } from "./flame-panel";
import { RangePicker } from "./range-picker";
import { DEFAULT_RANGE, isRelative, shift, resolve } from "../format/range";

const PAGES: { page: Page; name: string; heading: string; open: () => void }[] = [
  { page: "explore", name: "Explore", heading: "Explore profiles", open: goExplore },
  { page: "compare", name: "Compare", heading: "Compare profiles", open: goCompare },
  { page: "endpoints", name: "Endpoints", heading: "Endpoints of services", open: () => go(onPage("endpoints", state.peek())) },
  { page: "map", name: "Service map", heading: "Map of services", open: () => go(onPage("map", state.peek())) },
  { page: "calls", name: "Calls", heading: "Calls of services", open: () => go(onPage("calls", state.peek())) },
];

/** Pages, range, refresh, agents, and what concerns the whole page. */
export function TopBar() {
  const { page, a, live } = state.value;
  const { name, heading } = PAGES.find((one) => one.page === page)!;
  const help = useRef<HTMLDialogElement>(null);
  useKeys({
    "/": (event) => {
      event.preventDefault();
      document.getElementById("search")?.focus();
    },
    "?": () => help.current?.showModal(),
    c: () => state.peek().page !== "compare" && goCompare(),
    t: () => hasFrames() && go({ panel: state.peek().panel === "tree" ? "top" : "tree" }, "replace"),
    r: () => refresh(),
    "[": () => shiftBy(-0.5),
    "]": () => shiftBy(0.5),
  });
  useEffect(() => {
    document.title = `${name} · Flarepath`;
  }, [name]);
  return (
    <header class="top-bar">
      <a class="brand" href="#/explore?v=1" aria-label="Flarepath, start page">
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path class="brand-1" d="M1 1h14v4H1z" />
          <path class="brand-2" d="M1 6h10v4H1z" />
          <path class="brand-3" d="M1 11h5v4H1z" />
        </svg>
        Flarepath
      </a>
      <h1 class="sr-only">{heading}</h1>
      <nav class="pages" aria-label="Pages">
        {PAGES.map((one) => (
          <button type="button" key={one.page} aria-current={one.page === page ? "page" : undefined} onClick={() => one.page !== page && one.open()}>
            {one.name}
          </button>
        ))}
      </nav>
      {page !== "compare" && (
        <div class="top-range">
          <RangePicker label="time range" range={a} now={now.value} onChange={(range) => goScope(range)} />
          <button type="button" class="quiet" title="Refresh  r" aria-label="refresh" onClick={refresh}>
            ⟳
          </button>
          {isRelative(a) ? (
            <button
              type="button"
              class="quiet"
              aria-pressed={live}
              title={live ? "Loaded again every 15 s, not while the pointer is on the picture. Click to pause." : "Load again every 15 s"}
              onClick={() => go({ live: !live }, "replace")}
            >
              <i class={`dot ${following.value ? (paused.value ? "dot-warn" : "dot-good") : "dot-none"}`} aria-hidden="true" />
              {live ? (paused.value ? `paused: ${paused.value}` : "live") : "paused"}
            </button>
          ) : (
            <button type="button" class="quiet" title="The range has a fixed end. Click for the last 15 minutes, loaded again every 15 s." onClick={() => goScope(DEFAULT_RANGE)}>
              go to now
            </button>
          )}
        </div>
      )}
      <span class="spacer" />
      <span class="said" role="status">
        {said.value}
      </span>
      <AgentStatus />
      <button type="button" class="quiet" title="Copy the address of what you see" onClick={() => void copyText(location.href)}>
        Copy link
      </button>
      <button type="button" class="quiet" aria-label={`switch to ${theme.value === "dark" ? "light" : "dark"} theme`} onClick={toggleTheme}>
        {theme.value === "dark" ? "☀" : "☾"}
      </button>
      <button type="button" class="quiet" aria-label="keyboard help" title="Keys  ?" onClick={() => help.current?.showModal()}>
        ?
      </button>
      <Help dialog={help} />
    </header>
  );
}

function shiftBy(share: number): void {
  if (state.peek().page === "compare") return;
  const { a } = state.peek();
  const { from, until } = resolve(a, now.peek());
  goScope(shift(a, (until - from) * share, now.peek()));
}

/** Whether the page shows frames, so that what is zoomed and selected can stay. */
function hasFrames(): boolean {
  const { page } = state.peek();
  return page === "explore" || page === "compare";
}

function goExplore(): void {
  const before = state.peek();
  go(!hasFrames() ? onPage("explore", before) : { page: "explore", focus: [], zoom: [], selected: [] });
}

/** Compares what is seen with the same length of time just before it. */
export function goCompare(): void {
  const { a } = state.peek();
  const { from, until } = resolve(a, now.peek());
  const before = { from: String(Math.round(2 * from - until)), until: String(Math.round(from)), matchers: a.matchers };
  const after = { from: String(Math.round(from)), until: String(Math.round(until)), matchers: a.matchers };
  const { zoom, type, search, transforms, live, open } = state.peek();
  go({ ...initialState(), page: "compare", a: before, b: after, zoom, type, search, transforms, live, open });
}

const KEYS: [string, string][] = [
  ["/", "search frames, filter endpoints and edges, find a trace"],
  ["n  N", "next, previous match"],
  ["← ↑ → ↓", "move between frames (picture or tree focused)"],
  ["Enter", "zoom into the selected frame"],
  ["Esc", "one step back"],
  ["0", "whole profile"],
  ["m", "menu of the selected frame (picture focused); or right click"],
  ["s", "callers and callees of the selected frame"],
  ["i", "root at the top or at the bottom"],
  ["t", "tree or functions beside the picture"],
  ["c", "compare with the time before"],
  ["[  ]", "earlier, later"],
  ["r", "refresh"],
];

function Help({ dialog }: { dialog: { current: HTMLDialogElement | null } }) {
  return (
    <dialog ref={dialog} class="help" aria-label="Keys" onClick={(event) => event.target === dialog.current && dialog.current?.close()}>
      <h2>Keys</h2>
      <dl>
        {KEYS.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}
