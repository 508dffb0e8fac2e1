import type { PodRow, ServiceRow, Steps } from "../api/client";
import { DEFAULT_TYPE, measureOf, percent, rate, rateNumber, span } from "../format/units";
import { coveredFrom, flamegraph, go, goScope, podsOf, retry, service, services, state, times } from "../state/store";
import { equalsValue, withEquals } from "../url/selector";
import { Failure, Progress } from "./notices";
import { Spark } from "./spark";

/** The services of the range with their course, largest first; each opens to its pods. */
export function Services() {
  const { data, since, error, stale } = services.value;
  const { from, until } = times.value;
  const seconds = (until - Math.min(until, Math.max(from, coveredFrom.value))) / 1000;
  const type = state.value.type || (flamegraph.value.data?.type ?? DEFAULT_TYPE);
  const whole = data?.services.reduce((sum, one) => sum + one.total, 0) ?? 0;
  const measure = measureOf(type, data?.unit ?? "nanoseconds");
  const say = (total: number) => rateNumber(seconds > 0 ? total / seconds : 0, measure);
  return (
    <nav class="services" aria-label="Services" aria-busy={since !== null}>
      <Progress since={since} />
      <header>
        <h2>Services</h2>
        <span class="soft">{data ? `${data.services.length} · ${rate(seconds > 0 ? whole / seconds : 0, measure)}` : ""}</span>
      </header>
      {error && <Failure error={error} onRetry={retry} />}
      <ul class={stale ? "dimmed" : ""}>
        <li>
          <button type="button" class="service all" aria-current={state.value.a.matchers.length === 0} onClick={() => goScope({ matchers: [] })}>
            <span class="service-name">All services</span>
          </button>
        </li>
        {data?.services.map((one) => <Service key={one.service} row={one} whole={whole} say={say} />)}
      </ul>
      {data && data.services.length === 0 && <p class="soft none">No service in these {span(until - from)}.</p>}
    </nav>
  );
}

function Service({ row, whole, say }: { row: ServiceRow; whole: number; say: (total: number) => string }) {
  const { open: opened } = state.value;
  const open = opened.includes(row.service);
  const current = service.value === row.service;
  const toggle = () => go({ open: open ? opened.filter((name) => name !== row.service) : [...opened, row.service] }, "replace");
  const choose = () => goScope({ matchers: withEquals([], "service_name", row.service) }, { open: open || row.pods === 0 ? opened : [...opened, row.service] });
  return (
    <li>
      <div class="service-row">
        <button type="button" class="twisty" aria-expanded={open} aria-label={`pods of ${row.service}`} disabled={row.pods === 0} onClick={toggle}>
          {row.pods === 0 ? "" : open ? "▾" : "▸"}
        </button>
        <button
          type="button"
          class="service"
          aria-current={current}
          title={row.profilers.length > 1 ? `${row.service}\nmeasured by ${row.profilers.map((one) => one.name || "(none)").join(", ")}; shown: ${row.profiler || "(none)"}` : row.service}
          onClick={choose}
        >
          <span class="service-name">{shortService(row.service) || "(no name)"}</span>
          <Spark values={row.values} />
          <span class="service-total">{say(row.total)}</span>
          <span class="service-share soft">{percent(whole > 0 ? row.total / whole : 0)}</span>
        </button>
      </div>
      {open && row.pods > 0 && <Pods name={row.service} say={say} />}
    </li>
  );
}

function Pods({ name, say }: { name: string; say: (total: number) => string }) {
  const { data, error } = podsOf(name).value;
  if (error) return <Failure error={error} onRetry={retry} />;
  if (!data) return <p class="soft none">loading pods…</p>;
  return (
    <ul class="pods">
      {data.pods.map((pod) => (
        <Pod key={`${pod.pod} ${pod.namespace}`} pod={pod} steps={data} name={name} say={say} />
      ))}
    </ul>
  );
}

function Pod({ pod, name, say }: { pod: PodRow; steps: Steps; name: string; say: (total: number) => string }) {
  const current = service.value === name && pod.pod !== "" && equalsValue(state.value.a.matchers, "pod") === pod.pod;
  const matchers = withEquals(withEquals([], "service_name", name), "pod", pod.pod);
  const place = [pod.namespace, pod.node, pod.container].filter((part) => part !== "").join(" · ");
  return (
    <li>
      <button type="button" class="service pod" aria-current={current} title={`${pod.pod}\n${place}`} onClick={() => goScope({ matchers })}>
        <span class="service-name">{podName(pod.pod, name)}</span>
        <Spark values={pod.values} />
        <span class="service-total">{say(pod.total)}</span>
      </button>
    </li>
  );
}

const LONG_NAME = 18;

/** Packages before a Java class become single letters when the name is long: its end tells most. */
export function shortService(name: string): string {
  const parts = name.split(".");
  if (name.length <= LONG_NAME || parts.length < 3 || parts.some((part) => !/^\w+$/.test(part))) return name;
  const keeping = (last: number) => [...parts.slice(0, -last).map((part) => part[0]), ...parts.slice(-last)].join(".");
  return keeping(2).length <= LONG_NAME ? keeping(2) : keeping(1);
}

/** The part of a pod's name that tells it from its siblings. */
function podName(pod: string, service: string): string {
  if (pod === "") return "(no pod)";
  return pod.startsWith(`${service}-`) ? `…${pod.slice(service.length)}` : pod;
}
