import { STEPS } from "../diff/diff";
import { changeColour, css, KIND_NAMES, legendColour, PALETTES } from "../draw/palette";
import type { FrameTree } from "../model/tree";
import { theme } from "../state/theme";

/** What the hues mean; only kinds that are there. */
export function KindLegend({ tree }: { tree: FrameTree }) {
  const palette = PALETTES[theme.value];
  const known = KIND_NAMES.filter(([kind]) => tree.kinds.includes(kind));
  if (known.length === 0) return null;
  return (
    <ul class="legend" aria-label="Colours">
      {known.map(([kind, name]) => (
        <li key={kind}>
          <i class="swatch" aria-hidden="true" style={{ background: css(legendColour(palette, kind)) }} />
          {name}
        </li>
      ))}
    </ul>
  );
}

/** What the colours of a comparison mean, in words and numbers. */
export function ChangeLegend() {
  const palette = PALETTES[theme.value];
  const steps: number[] = [];
  for (let step = -STEPS; step <= STEPS; step++) steps.push(step);
  return (
    <div class="legend" role="group" aria-label="Colours">
      <span>less in B −100%</span>
      <span class="scale" aria-hidden="true">
        {steps.map((step) => (
          <i key={step} class="swatch" style={{ background: css(changeColour(palette, step)) }} />
        ))}
      </span>
      <span>+100% more in B</span>
      <span class="soft">grey: not told from noise · striped blue: gone</span>
    </div>
  );
}
