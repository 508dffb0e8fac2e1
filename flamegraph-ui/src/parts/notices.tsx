import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ApiError } from "../api/client";
import { count } from "../format/units";
import { copyText } from "../state/actions";

export type Tone = "info" | "warning" | "error";

/** One line that says what is to be known about what is shown. */
export function Notice({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return (
    <p class={`notice notice-${tone}`} role={tone === "error" ? "alert" : "status"}>
      {children}
    </p>
  );
}

/** What went wrong in one panel, with its reason and a way on. */
export function Failure({ error, onRetry }: { error: ApiError; onRetry: () => void }) {
  const details = `${error.status || "no answer"} ${error.code}: ${error.message}\n${error.path}`;
  return (
    <div class="failure" role="alert">
      <strong>{titleOf(error)}</strong>
      <span>{error.message}</span>
      <code>{error.status ? `${error.status} ${error.code}` : error.code}</code>
      <button type="button" onClick={onRetry}>
        Retry
      </button>
      <button type="button" class="quiet" onClick={() => void copyText(details)}>
        Copy details
      </button>
    </div>
  );
}

function titleOf(error: ApiError): string {
  if (error.code === "cancelled") return "Cancelled";
  if (error.status === 0) return "No connection to the service";
  if (error.status === 429) return "The service is busy";
  if (error.status >= 500) return "The service failed";
  if (error.status >= 400) return "The service refused this";
  return "The answer cannot be drawn";
}

/** A quick answer needs no progress; it would only flicker. */
const SHOW_AFTER = 400;

/** A thin line at the top of a panel while its data is loaded; says how long it takes. */
export function Progress({ since, onCancel }: { since: number | null; onCancel?: () => void }) {
  const [, again] = useState(0);
  useEffect(() => {
    if (since === null) return;
    const timer = setInterval(() => again((n) => n + 1), 200);
    return () => clearInterval(timer);
  }, [since]);
  if (since === null || Date.now() - since < SHOW_AFTER) return null;
  return (
    <div class="progress" role="status">
      <span class="progress-bar" />
      <span class="progress-text">
        loading {((Date.now() - since) / 1000).toFixed(1)} s
        {onCancel && (
          <button type="button" class="quiet" onClick={onCancel}>
            Cancel
          </button>
        )}
      </span>
    </div>
  );
}

export function FewSamples({ samples }: { samples: number }) {
  return (
    <Notice tone="warning">
      Too few samples ({count(samples)}) to tell shares apart: take a longer range or more pods. Shares are rounded.
    </Notice>
  );
}
