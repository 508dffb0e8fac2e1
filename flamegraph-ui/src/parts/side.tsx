import type { ComponentChildren } from "preact";
import { go, state } from "../state/store";
import type { Panel } from "../url/state";

/** The panel beside the picture: functions in a table, or frames in a tree. */
export function Side({ top, topName, tree }: { top: ComponentChildren; topName: string; tree: ComponentChildren }) {
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
        {tab("none", "Hide")}
      </div>
      {panel === "top" && top}
      {panel === "tree" && tree}
    </div>
  );
}
