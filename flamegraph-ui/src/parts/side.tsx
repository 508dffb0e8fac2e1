import type { ComponentChildren } from "preact";
import { go, state } from "../state/store";
import type { Panel } from "../url/state";

interface Props {
  top: ComponentChildren;
  topName: string;
  tree: ComponentChildren;
  /** What could not be followed to its root, and the words of its tab. */
  incomplete?: { name: string; body: ComponentChildren };
}

/** The panel beside the picture: functions in a table, frames in a tree, or what is incomplete. */
export function Side({ top, topName, tree, incomplete }: Props) {
  const { panel } = state.value;
  const tab = (name: Panel, text: string) => (
    <button type="button" aria-pressed={panel === name} onClick={() => go({ panel: name }, "replace")}>
      {text}
    </button>
  );
  return (
    <div class={`side${panel === "none" ? " side-closed" : ""}`}>
      <div class="segments" role="group" aria-label="Beside the picture">
        {tab("top", topName)}
        {tab("tree", "Tree")}
        {incomplete && tab("incomplete", incomplete.name)}
        {tab("none", "Hide")}
      </div>
      {(panel === "top" || (panel === "incomplete" && !incomplete)) && top}
      {panel === "tree" && tree}
      {panel === "incomplete" && incomplete?.body}
    </div>
  );
}
