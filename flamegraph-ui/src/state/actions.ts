import { signal } from "@preact/signals";
import { isFolded, withTransform, type Transform } from "../model/transform";
import { findPath, isOther, nameOf, pathOf, type FrameTree } from "../model/tree";
import type { FlameSource } from "./flame-source";
import { go, state } from "./store";

/** Fills the width with a frame; where the service has more detail below it, that is asked for. */
export function zoomTo(source: FlameSource, node: number): void {
  const { tree } = source;
  const path = pathOf(tree, node);
  const asked = source.servicePath(node);
  const { focus } = state.peek();
  const inside = focus.length > 0 && asked !== null && focus.every((name, i) => asked[i] === name);
  go({ zoom: path, focus: asked && hasOther(tree, node) ? asked : inside ? focus : [] });
}

export function select(tree: FrameTree, node: number): void {
  go({ selected: pathOf(tree, node) }, "replace");
}

/** One step out: to the nearest caller that is visibly wider. */
export function zoomOut(source: FlameSource): boolean {
  const { tree, width } = source;
  const { zoom } = state.peek();
  if (zoom.length === 0) return false;
  const node = findPath(tree, zoom).node;
  let at = tree.parent[node];
  while (at > 0 && width[at] < width[node] * 1.02) at = tree.parent[at];
  zoomTo(source, Math.max(0, at));
  return true;
}

function hasOther(tree: FrameTree, node: number): boolean {
  if (node === 0) return false;
  const inside = new Uint8Array(tree.size);
  inside[node] = 1;
  for (let n = node + 1; n < tree.size; n++) {
    inside[n] = inside[tree.parent[n]];
    if (inside[n] && isOther(tree, n)) return true;
  }
  return false;
}

/** Shows the callers and callees of a function, by its raw name; "" leads back. */
export function showFunction(name: string): void {
  go({ fn: name, selected: [] });
}

/** Draws runs of frames without a name as one, or apart again. */
export function toggleFold(): void {
  const list = state.peek().transforms;
  changeTransforms(isFolded(list) ? list.filter(({ what }) => what !== "unnamed") : withTransform(list, { what: "unnamed" }));
}

/** Other transforms: paths lead through other frames then, so the selection goes. */
export function changeTransforms(transforms: Transform[]): void {
  go({ transforms, selected: [] });
}

/** Names from the root down, as folded stacks are written. */
export function stackOf(source: FlameSource, node: number): string {
  const names: string[] = [];
  for (let at = node; at > 0; at = source.tree.parent[at]) names.push(nameOf(source.tree, at));
  return names.reverse().join(";");
}

/** The search text that finds just this function. */
export function exactPattern(label: string): string {
  return `^${label.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`;
}

/** What was just said in passing: "copied". */
export const said = signal("");
let forget = 0;

/** Puts a text on the clipboard, and says so. */
export async function copyText(text: string): Promise<void> {
  const done = navigator.clipboard ? await navigator.clipboard.writeText(text).then(() => true, () => copyOldWay(text)) : copyOldWay(text);
  said.value = done ? "Copied" : "The browser does not allow to copy here";
  clearTimeout(forget);
  forget = window.setTimeout(() => (said.value = ""), 2_000);
}

/** Over plain HTTP from another machine browsers have no clipboard, but still this. */
function copyOldWay(text: string): boolean {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "sr-only";
  const before = document.activeElement;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  return done;
}
