import type { Point } from "../draw/flame-element";
import { isFolded, withTransform } from "../model/transform";
import { FLAG_FOLDED, isOther, isUnnamed, labelOf, nameOf } from "../model/tree";
import { changeTransforms, copyText, exactPattern, showFunction, stackOf, toggleFold } from "../state/actions";
import type { FlameSource } from "../state/flame-source";
import { go, state } from "../state/store";
import { Menu, type MenuItem } from "./menu";

interface Props {
  source: FlameSource;
  node: number;
  at: Point;
  onZoom: (node: number) => void;
  onClose: () => void;
}

/** What can be done with a frame: a menu at the pointer, or at the frame when it was asked for by a key. */
export function FrameMenu({ source, node, at, onZoom, onClose }: Props) {
  return <Menu label={`What to do with ${labelOf(source.tree, node)}`} groups={menuItems(source, node, onZoom)} at={at} onClose={onClose} />;
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
