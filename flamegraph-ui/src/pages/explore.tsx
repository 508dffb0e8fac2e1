import { useMemo } from "preact/hooks";
import { amount, count, FEW_SAMPLES, measureOf, percent, rate, rateNumber, rateUnit, tick } from "../format/units";
import type { Profile } from "../model/decode";
import { AgentNotices } from "../parts/agent-status";
import { Empty, FirstRun } from "../parts/empty";
import { FilterBar } from "../parts/filter-bar";
import { FlamePanel, select, useLook, zoomTo } from "../parts/flame-panel";
import { FrameTree } from "../parts/frame-tree";
import { KindLegend } from "../parts/legend";
import { Failure, FewSamples, Progress } from "../parts/notices";
import { Services } from "../parts/services";
import { Side } from "../parts/side";
import { TimeChart } from "../parts/time-chart";
import { goCompare } from "../parts/top-bar";
import { TopTable } from "../parts/top-table";
import { TypeSelect } from "../parts/type-select";
import { profileSource, type FlameSource } from "../state/flame-source";
import { flamegraph, goScope, retry, series, state, status, times } from "../state/store";
import { withEquals } from "../url/selector";

/** What a service, a pod or everything spent its time on in one range. */
export function Explore() {
  const { data, since, error, stale } = flamegraph.value;
  const source = useMemo(() => (data && !data.empty ? profileSource(data) : null), [data]);
  const fresh = status.value.data?.newestMillis === 0;
  return (
    <div class="explore">
      <Services />
      <main class="main">
        <Header profile={data} />
        <AgentNotices />
        <Course />
        <div class="flame-area" aria-busy={since !== null}>
          <Progress since={since} onCancel={() => flamegraph.cancel()} />
          {error && <Failure error={error} onRetry={retry} />}
          {fresh && !source ? <FirstRun /> : data?.empty && !stale ? <Empty empty={data.empty} /> : null}
          {source && data && <Picture source={source} profile={data} dimmed={stale || error !== null} />}
          {!data && !error && !fresh && <Skeleton />}
        </div>
      </main>
    </div>
  );
}

function Header({ profile }: { profile: Profile | null }) {
  const { a } = state.value;
  return (
    <div class="main-head">
      <TypeSelect />
      <FilterBar name="label" matchers={a.matchers} times={times.value} onChange={(matchers) => goScope({ matchers })} />
      {profile && <ProfilerSwitch profile={profile} />}
      <span class="spacer" />
      {profile && !profile.empty && <Totals profile={profile} />}
      <button type="button" class="quiet" title="With the same length of time before  c" onClick={goCompare}>
        Compare
      </button>
    </div>
  );
}

/** Two profilers of one process are never added up; one of them is shown. */
function ProfilerSwitch({ profile }: { profile: Profile }) {
  if (profile.profilers.length < 2) return null;
  return (
    <label class="profiler">
      profiler{" "}
      <select
        value={profile.profiler}
        onChange={(event) => goScope({ matchers: withEquals(state.peek().a.matchers, "profiler", event.currentTarget.value) })}
      >
        {profile.profilers.map((one) => (
          <option key={one.name} value={one.name}>
            {one.name || "(none)"}
          </option>
        ))}
      </select>
    </label>
  );
}

function Totals({ profile }: { profile: Profile }) {
  const measure = measureOf(profile.type, profile.unit);
  const incomplete = profile.total > 0 ? profile.incomplete / profile.total : 0;
  return (
    <p class="totals">
      <strong>{rate(profile.seconds > 0 ? profile.total / profile.seconds : 0, measure)}</strong>
      <span>{amount(profile.total, measure)}</span>
      {profile.samples > 0 && <span>{count(profile.samples)} samples</span>}
      <span class={incomplete > 0.05 ? "warn-text" : ""} title="Share of the value whose stacks do not reach their root">
        incomplete {percent(incomplete, profile.samples)}
      </span>
    </p>
  );
}

function Course() {
  const { data, error, since, stale } = series.value;
  const { from, until } = times.value;
  const type = state.value.type || "process_cpu:cpu:nanoseconds:cpu:nanoseconds";
  const measure = measureOf(type, data?.unit ?? "nanoseconds");
  const values = useMemo(() => {
    if (!data) return [];
    const perSecond = data.stepMillis / 1000;
    return (data.series[0]?.values ?? []).map((value) => value / perSecond);
  }, [data]);
  const format = (value: number) => rateNumber(value, measure);
  const peak = Math.max(0, ...values);
  return (
    <div class={`course${stale ? " dimmed" : ""}`} aria-busy={since !== null}>
      {error && <Failure error={error} onRetry={retry} />}
      <span class="course-unit soft">{rateUnit(measure)}</span>
      <TimeChart
        startMillis={data?.startMillis ?? from}
        stepMillis={data?.stepMillis ?? 1000}
        values={values}
        from={from}
        until={until}
        unit={rateUnit(measure)}
        format={format}
        tick={(value) => tick(value, measure)}
        least={measure.unit === "nanoseconds" ? 1e8 : 1}
        label={`Course over time, at most ${format(peak)} ${rateUnit(measure)}. Drag to choose a range.`}
        onSelect={(start, end) => goScope({ from: String(start), until: String(end) })}
      />
    </div>
  );
}

function Picture({ source, profile, dimmed }: { source: FlameSource; profile: Profile; dimmed: boolean }) {
  const look = useLook(source.tree);
  return (
    <>
      {profile.samples > 0 && profile.samples < FEW_SAMPLES && <FewSamples samples={profile.samples} />}
      <div class="split">
        <FlamePanel
          source={source}
          samples={profile.samples}
          hiddenNodes={profile.hiddenNodes}
          dimmed={dimmed}
          legend={<KindLegend tree={source.tree} />}
          label={`Flame graph of ${count(source.tree.size)} frames`}
        />
        <Side
          topName="Functions"
          top={<TopTable profile={profile} />}
          tree={
            <FrameTree
              source={source}
              selected={look.selected.node}
              onSelect={(node) => select(source.tree, node)}
              onZoom={(node) => zoomTo(source.tree, node)}
            />
          }
        />
      </div>
    </>
  );
}

export function Skeleton() {
  return (
    <div class="skeleton" aria-hidden="true">
      {[100, 92, 70, 64, 41, 22].map((width) => (
        <span key={width} style={{ width: `${width}%` }} />
      ))}
    </div>
  );
}
