import type { PodRow, ServiceRow, Steps } from "../api/client";
import { measureOf, percent, rate, rateNumber, span } from "../format/units";
import { expanded, flamegraph, goScope, podsOf, retry, service, services, state, times } from "../state/store";
import { equalsValue, withEquals } from "../url/selector";
import { Failure, Progress } from "./notices";
import { Spark } from "./spark";

/** The services of the range with their course, largest first; each opens to its pods. */
export function Services() {
  const { data, since, error, stale } = services.value;
  const { from, until } = times.value;
  const seconds = (until - from) / 1000;
  const type = state.value.type || (flamegraph.value.data?.type ?? "process_cpu:cpu:nanoseconds:cpu:nanoseconds");
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
  const open = expanded.value.has(row.service);
  const current = service.value === row.service;
  const toggle = () => {
    const next = new Set(expanded.peek());
    if (!next.delete(row.service)) next.add(row.service);
    expanded.value = next;
  };
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
          title={row.service}
          onClick={() => goScope({ matchers: withEquals([], "service_name", row.service) })}
        >
          <span class="service-name">{row.service || "(no name)"}</span>
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

/** The part of a pod's name that tells it from its siblings. */
function podName(pod: string, service: string): string {
  if (pod === "") return "(no pod)";
  return pod.startsWith(`${service}-`) ? `…${pod.slice(service.length)}` : pod;
}
