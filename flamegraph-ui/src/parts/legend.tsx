import { useMemo } from "preact/hooks";
import { STEPS } from "../diff/diff";
import { changeColour, css, inlinedColour, KIND_NAMES, legendColour, PALETTES } from "../draw/palette";
import { percent } from "../format/units";
import { isFolded, unnamedSelf } from "../model/transform";
import { FLAG_INLINED, FLAG_LOW_CONFIDENCE, LOW_CONFIDENCE, type FrameTree } from "../model/tree";
import { toggleFold } from "../state/actions";
import { state } from "../state/store";
import { theme } from "../state/theme";

/** What the hues mean; only kinds that are there. */
export function KindLegend({ tree }: { tree: FrameTree }) {
  const palette = PALETTES[theme.value];
  const known = KIND_NAMES.filter(([kind]) => tree.kinds.includes(kind));
  const inlined = useMemo(() => tree.flags.some((flags) => (flags & FLAG_INLINED) !== 0), [tree]);
  const lowConfidence = useMemo(() => hasLowConfidence(tree), [tree]);
  const unnamed = useMemo(() => (tree.total[0] > 0 ? unnamedSelf(tree) / tree.total[0] : 0), [tree]);
  const folded = isFolded(state.value.transforms);
  if (known.length === 0) return null;
  return (
    <ul class="legend" aria-label="Colours">
      {known.map(([kind, name]) => (
        <li key={kind}>
          <i class="swatch" aria-hidden="true" style={{ background: css(legendColour(palette, kind)) }} />
          {name}
        </li>
      ))}
      {inlined && (
        <li>
          <i class="swatch" aria-hidden="true" style={{ background: css(inlinedColour(palette, legendColour(palette, "native"))) }} />
          paler, [i]: inlined
        </li>
      )}
      {lowConfidence && (
        <li title={LOW_CONFIDENCE}>
          <i class="swatch swatch-edged" aria-hidden="true" style={{ background: css(legendColour(palette, "native")) }} />
          hatched edge, [fp]: found by frame pointer
        </li>
      )}
      {(unnamed > 0 || folded) && (
        <li>
          <i class="swatch" aria-hidden="true" style={{ background: css(palette.unnamed) }} />
          no symbols, {percent(unnamed)} of self
          <button type="button" class="link" aria-pressed={folded} onClick={toggleFold}>
            {folded ? "unfold" : "fold"}
          </button>
        </li>
      )}
    </ul>
  );
}

function hasLowConfidence(tree: FrameTree): boolean {
  return tree.flags.some((flags) => (flags & FLAG_LOW_CONFIDENCE) !== 0);
}

/** What the colours of a comparison mean, in words and numbers. */
export function ChangeLegend({ tree }: { tree: FrameTree }) {
  const palette = PALETTES[theme.value];
  const steps: number[] = [];
  for (let step = -STEPS; step <= STEPS; step++) steps.push(step);
  return (
    <div class="legend" role="group" aria-label="Colours">
      <span>less in B than in the baseline A −100%</span>
      <span class="scale" aria-hidden="true">
        {steps.map((step) => (
          <i key={step} class="swatch" style={{ background: css(changeColour(palette, step)) }} />
        ))}
      </span>
      <span>+100% more in B</span>
      <span class="soft">
        grey: not told from noise · striped blue: gone{hasLowConfidence(tree) ? " · hatched edge, [fp]: found by frame pointer" : ""}
      </span>
    </div>
  );
}
