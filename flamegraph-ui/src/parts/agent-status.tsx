import { count, span } from "../format/units";
import { agents, status } from "../state/store";
import { agentSentence } from "./empty";
import { Notice } from "./notices";

/** A larger difference of clocks puts samples visibly beside their time. */
const SKEW_MILLIS = 10_000;

/** The agents in one word, with all of them behind it. */
export function AgentStatus() {
  const { data, error } = agents.value;
  const service = status.value;
  const list = data?.agents ?? [];
  const bad = list.filter((agent) => !agent.online || agent.state !== "sampling");
  const tone = service.error || error ? "bad" : list.length === 0 ? "none" : bad.length > 0 ? "warn" : "good";
  const word = service.error
    ? "no service"
    : error
      ? "agents not known"
      : list.length === 0
        ? "no agent seen"
        : bad.length === 0
          ? `${list.length} agent${list.length === 1 ? "" : "s"} sampling`
          : `${bad.length} of ${list.length} agents not sampling`;
  return (
    <div class="agents">
      <button type="button" class="quiet" popovertarget="agents">
        <i class={`dot dot-${tone}`} aria-hidden="true" />
        {word}
      </button>
      <div id="agents" popover="auto" class="agents-popover">
        <h2>Agents</h2>
        {list.length === 0 && (
          <p class="soft">
            None has reported since the service started. Start one with <code>./flarepath agent</code>.
          </p>
        )}
        <ul>
          {list.map((agent) => (
            <li key={agent.node}>
              <strong>{agentSentence(agent)}</strong>
              <span class="soft">
                version {agent.version} · {agent.kernel || "kernel not known"} · clock {span(Math.abs(agent.clockSkewMillis))}{" "}
                {agent.clockSkewMillis < 0 ? "behind" : "ahead"}
              </span>
            </li>
          ))}
        </ul>
        {service.data && (
          <p class="soft">
            Service {service.data.version} · {count(service.data.series)} series · {(service.data.bytesOnDisk / 1048576).toFixed(1)} MiB on disk
          </p>
        )}
      </div>
    </div>
  );
}

/** What the agents' states mean for what is seen. */
export function AgentNotices() {
  const list = agents.value.data?.agents ?? [];
  const skewed = list.filter((agent) => agent.online && Math.abs(agent.clockSkewMillis) > SKEW_MILLIS);
  const degraded = list.filter((agent) => agent.online && agent.state === "degraded");
  const gone = list.filter((agent) => !agent.online);
  return (
    <>
      {skewed.map((agent) => (
        <Notice key={`skew ${agent.node}`} tone="warning">
          The clock of {agent.node} is {span(Math.abs(agent.clockSkewMillis))} {agent.clockSkewMillis < 0 ? "behind" : "ahead of"} the service's: its
          samples stand beside their time. Check its time synchronisation.
        </Notice>
      ))}
      {degraded.map((agent) => (
        <Notice key={`degraded ${agent.node}`} tone="warning">
          Agent {agentSentence(agent)}
        </Notice>
      ))}
      {gone.length > 0 && (
        <Notice tone="warning">Agent {gone.slice(0, 3).map(agentSentence).join(" · ")}{gone.length > 3 ? ` and ${gone.length - 3} more` : ""}</Notice>
      )}
    </>
  );
}
