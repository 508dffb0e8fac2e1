import type { ComponentChildren } from "preact";
import type { Agent } from "../api/client";
import { clock, span } from "../format/units";
import type { Emptiness } from "../model/decode";
import { agents, goScope, now, status } from "../state/store";
import { ShowAllServices, WidenToDay } from "./scope-buttons";

/** Why there is nothing to see, and the one thing to do about it. */
export function Empty({ empty }: { empty: Emptiness }) {
  if (empty.reason === "store-empty") return <FirstRun />;
  return (
    <div class="empty" role="status">
      <h2>{title(empty.reason)}</h2>
      <p>{empty.message}</p>
      <AgentHint />
      <div class="empty-actions">{action(empty.reason)}</div>
    </div>
  );
}

function title(reason: string): string {
  const titles: Record<string, string> = {
    "no-series": "Nothing carries these labels",
    "no-profiles-in-range": "No profiles in this time range",
    "type-not-present": "No profiles of this type",
  };
  return titles[reason] ?? "Nothing to draw";
}

function action(reason: string): ComponentChildren {
  if (reason === "no-series") {
    return <ShowAllServices />;
  }
  const newest = status.value.data?.newestMillis ?? 0;
  return (
    <>
      {newest > 0 && (
        <button type="button" onClick={() => goScope({ from: String(newest - 900_000), until: String(newest + 10_000) })}>
          Go to the newest profile ({clock(newest, now.value)})
        </button>
      )}
      <WidenToDay />
    </>
  );
}

/** When the agents explain the emptiness, that is said. */
function AgentHint() {
  const list = agents.value.data?.agents;
  if (!list) return null;
  if (list.length === 0) return <p class="soft">No agent has reported since the service started.</p>;
  const silent = list.filter((agent) => !agent.online || agent.state === "stopping");
  if (silent.length === 0) return null;
  return <p class="soft">{silent.map((agent) => agentSentence(agent)).join(" · ")}</p>;
}

/** An agent's state as one reads it. */
export function agentSentence(agent: Agent): string {
  if (agent.state === "stopping" || !agent.online) return `${agent.node}: stopped at ${clock(agent.lastSeenMillis, now.value)}`;
  if (agent.state === "degraded") return `${agent.node}: degraded: ${agent.reason || "no reason given"}`;
  if (agent.state === "starting") return `${agent.node}: starting`;
  return `${agent.node}: sampling at ${agent.frequencyHz} Hz`;
}

/** What must happen before there is a picture, each step ticked once it has. */
export function FirstRun() {
  const service = status.value.data;
  const list = agents.value.data?.agents ?? [];
  const seen = list.find((agent) => agent.online);
  const arrived = (service?.newestMillis ?? 0) > 0;
  return (
    <div class="empty first-run" role="status">
      <h2>Waiting for the first profile</h2>
      <ol>
        <Step done={service !== null && service !== undefined} title="Service is up">
          {service ? `version ${service.version}` : "no answer yet"}
        </Step>
        <Step done={seen !== undefined} title="Agent has been seen">
          {seen ? (
            `${agentSentence(seen)}, ${span(now.value - seen.lastSeenMillis)} ago`
          ) : (
            <>
              start one on each node: <code>./flarepath agent --set server={location.origin}</code>
            </>
          )}
        </Step>
        <Step done={arrived} title="First profile has arrived">
          {arrived ? "" : "about 12 s after an agent starts; this page looks by itself"}
        </Step>
      </ol>
    </div>
  );
}

function Step({ done, title: name, children }: { done: boolean; title: string; children: ComponentChildren }) {
  return (
    <li class={done ? "done" : ""}>
      <span class="tick" aria-hidden="true">
        {done ? "✓" : "·"}
      </span>
      <span>
        <strong>{name}</strong>
        <span class="sr-only">{done ? " done" : " not yet"}</span>
        <br />
        <span class="soft">{children}</span>
      </span>
    </li>
  );
}
