import { formatTransform, type Transform } from "../model/transform";
import { changeTransforms } from "../state/actions";
import { state } from "../state/store";
import { shortName } from "./top-table";

const WORDS = { below: "hidden below", hide: "hidden", drop: "stacks left out with" } as const;

/** What was changed of the picture, each taken off by a click. */
export function TransformChips() {
  const list = state.value.transforms;
  if (list.length === 0) return null;
  const without = (one: Transform) => changeTransforms(list.filter((other) => other !== one));
  return (
    <div class="filters transforms" role="group" aria-label="Changes of the picture">
      {list.map((one) => {
        const name = one.what === "unnamed" ? "" : shortName(one.name, 48);
        const what = one.what === "unnamed" ? "frames without symbols folded" : WORDS[one.what];
        return (
          <span class="chip" key={formatTransform(one)} title={one.what === "unnamed" ? what : one.name}>
            <span class="chip-label">{what}</span>
            {name !== "" && <span class="chip-value">&nbsp;{name}</span>}
            <button type="button" aria-label={`take off: ${what} ${name}`.trim()} onClick={() => without(one)}>
              ×
            </button>
          </span>
        );
      })}
    </div>
  );
}
