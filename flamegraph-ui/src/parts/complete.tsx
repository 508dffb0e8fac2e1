import { completeShare, percent } from "../format/units";
import type { IncompletePart } from "../model/decode";

/** More than this incomplete is worth a warning. */
const MUCH = 0.05;

interface Props {
  total: number;
  samples: number;
  incomplete: number;
  reasons: readonly IncompletePart[];
  onOpen?: () => void;
}

/** Share of the value whose stacks reach their root. It is always there: 100% is worth knowing, too. */
export function Complete({ total, samples, incomplete, reasons, onOpen }: Props) {
  if (total === 0) return null;
  const text = `complete ${completeShare(total, incomplete, samples)}`;
  const why = reasons.map((part) => `${percent(part.total / total, samples)} ${part.reason}`).join(", ");
  const title = `Share of the value whose stacks reach their root${why === "" ? "" : `; the rest: ${why}`}`;
  const tone = incomplete > MUCH * total ? "warn-text" : "soft";
  return onOpen ? (
    <button type="button" class={`link ${tone}`} title={`${title}. See why`} onClick={onOpen}>
      {text}
    </button>
  ) : (
    <span class={tone} title={title}>
      {text}
    </span>
  );
}
