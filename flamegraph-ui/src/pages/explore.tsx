import { useMemo, useState } from "preact/hooks";
import { untilKnown } from "../format/timeline";
import { amount, clock, count, DEFAULT_TYPE, FEW_SAMPLES, measureOf, percent, rate, rateNumber, rateUnit, span, tenths, tick } from "../format/units";
import type { Profile } from "../model/decode";
import { describeThreads } from "../model/threads";
import { AgentNotices } from "../parts/agent-status";
import { Complete } from "../parts/complete";
import { Course } from "../parts/course";
import { Empty, FirstRun } from "../parts/empty";
import { FilterBar } from "../parts/filter-bar";
import { FlamePanel, useLook } from "../parts/flame-panel";
import { FrameTree } from "../parts/frame-tree";
import { lazy } from "../parts/lazy";
import { KindLegend } from "../parts/legend";
import { Failure, FewSamples, Progress } from "../parts/notices";
import { Services } from "../parts/services";
import { Side } from "../parts/side";
import { Skeleton } from "../parts/skeleton";
import { goCompare } from "../parts/top-bar";
import { TopTable } from "../parts/top-table";
import { TypeSelect } from "../parts/type-select";
import { select, zoomTo } from "../state/actions";
import { profileSource, type FlameSource } from "../state/flame-source";
import { coveredFrom, flamegraph, go, goScope, knownUntil, now, retry, series, service, services, state, status, threads, times, traffic } from "../state/store";
import { equalsValue, withEquals } from "../url/selector";

const Sandwich = lazy(() => import("../parts/sandwich").then((module) => module.Sandwich));
const RecordPanel = lazy(() => import("../parts/record-panel").then((module) => module.RecordPanel));
const ExportMenu = lazy(() => import("../parts/export-menu").then((module) => module.ExportMenu));
const TrafficLanes = lazy(() => import("../parts/traffic").then((module) => module.TrafficLanes));
const ThreadMap = lazy(() => import("../parts/threads").then((module) => module.ThreadMap));
const Incomplete = lazy(() => import("../parts/incomplete").then((module) => module.Incomplete));

/** What a service, a pod or everything spent its time on in one range. */
export function Explore() {
  const { data, since, error, stale } = flamegraph.value;
  const { transforms } = state.value;
  const seconds = data ? coveredSeconds(data) : 0;
  const source = useMemo(() => (data && !data.empty ? profileSource({ ...data, seconds }, transforms) : null), [data, seconds, transforms]);
  const fresh = status.value.data?.newestMillis === 0;
  return (
    <div class="explore">
      <Services />
      <main class="main">
        <Header profile={data} />
        <AgentNotices />
        <ProfileCourse />
        <Traffic />
        <ThreadsOverTime />
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
  const [recording, setRecording] = useState(false);
  const name = service.value;
  return (
    <>
    <div class="main-head">
      <TypeSelect />
      <FilterBar name="label" matchers={a.matchers} times={times.value} onChange={(matchers) => goScope({ matchers })} />
      {profile && <ProfilerSwitch profile={profile} />}
      <span class="spacer" />
      {profile && !profile.empty && <Totals profile={profile} />}
      <span class="head-actions">
        {name !== "" && (
          <button type="button" class="quiet" title="Record allocations, locks or the wall clock of a JVM" aria-expanded={recording} onClick={() => setRecording(!recording)}>
            Record
          </button>
        )}
        {profile && !profile.empty && <ExportMenu />}
        <button type="button" class="quiet" title="With the same length of time before  c" onClick={goCompare}>
          Compare
        </button>
      </span>
    </div>
    {recording && name !== "" && <RecordPanel service={name} pod={equalsValue(a.matchers, "pod")} onClose={() => setRecording(false)} />}
    </>
  );
}

/** Two profilers of one process are never added up; one of them is shown. */
function ProfilerSwitch({ profile }: { profile: Profile }) {
  const chosen = equalsValue(state.value.a.matchers, "profiler");
  // A chosen profiler is the only one in its answer; the list of services still knows the others.
  const row = services.value.data?.services.find((one) => one.service === service.value);
  const known = new Map([...(row?.profilers ?? []), ...profile.profilers].map((one) => [one.name, one]));
  if (known.size < 2) return null;
  return (
    <label class="profiler" title="Several profilers measured this. They saw the same work, so they are never added up.">
      profiler{" "}
      <select value={chosen} onChange={(event) => goScope({ matchers: withEquals(state.peek().a.matchers, "profiler", event.currentTarget.value) })}>
        <option value="">{chosen === "" ? `${profile.profiler || "(none)"}, most samples` : "the one with most samples"}</option>
        {[...known.values()]
          .filter((one) => one.name !== "")
          .map((one) => (
            <option key={one.name} value={one.name}>
              {one.name}
              {one.samples > 0 ? ` · ${count(one.samples)} samples` : ""}
            </option>
          ))}
      </select>
    </label>
  );
}

/** A store that began within the range has nothing from before: the mean is that of what it covers. */
function coveredSeconds(profile: Profile): number {
  const begun = coveredFrom.value;
  return begun > profile.fromMillis && begun < profile.untilMillis ? (profile.untilMillis - begun) / 1000 : profile.seconds;
}

function Totals({ profile }: { profile: Profile }) {
  const measure = measureOf(profile.type, profile.unit);
  const seconds = coveredSeconds(profile);
  const begun = seconds < profile.seconds;
  return (
    <p class="totals">
      <strong title={`mean over ${span(seconds * 1000)}`}>{rate(seconds > 0 ? profile.total / seconds : 0, measure)}</strong>
      {begun && <span>since {clock(coveredFrom.value, now.value)}</span>}
      <span>{amount(profile.total, measure)}</span>
      {profile.samples > 0 && <span>{count(profile.samples)} samples</span>}
      <Complete
        total={profile.total}
        samples={profile.samples}
        incomplete={profile.incomplete}
        reasons={profile.incompleteReasons}
        onOpen={() => go({ panel: "incomplete" }, "replace")}
      />
    </p>
  );
}

function ProfileCourse() {
  const { data, error, since, stale } = series.value;
  const type = state.value.type || DEFAULT_TYPE;
  const measure = measureOf(type, data?.unit ?? "nanoseconds");
  const values = useMemo(() => {
    if (!data) return [];
    const perSecond = (data.series[0]?.values ?? []).map((value) => value / (data.stepMillis / 1000));
    return untilKnown(perSecond, data.startMillis, data.stepMillis, knownUntil.value);
  }, [data]);
  return (
    <Course
      name="Course"
      steps={data}
      values={values}
      unit={rateUnit(measure)}
      format={(value) => rateNumber(value, measure)}
      tick={(value) => tick(value, measure)}
      least={measure.unit === "nanoseconds" ? 1e8 : 1}
      binary={measure.unit === "bytes"}
      stale={stale}
      busy={since !== null}
    >
      {error && <Failure error={error} onRetry={retry} />}
    </Course>
  );
}

/** Requests and the network on the profile's axis of time; nothing where nothing of them is known. */
function Traffic() {
  const { traffic: open } = state.value;
  const { data, since, error, stale } = traffic.value;
  const none = data?.requests.empty && data.edges.empty;
  // What keeps the flame graph away, too, is told there.
  const told = flamegraph.value.error ? null : error;
  if (open && (!data || none) && !told) return null;
  return (
    <section class="lanes" aria-label="Requests and network">
      <button type="button" class="lanes-head" aria-expanded={open} onClick={() => go({ traffic: !open }, "replace")}>
        {open ? "▾" : "▸"} Requests and network
      </button>
      {open && told && <Failure error={told} onRetry={retry} />}
      {open && data && !none && <TrafficLanes data={data} stale={stale} busy={since !== null} />}
    </section>
  );
}

/** What each thread did, to a tenth of a second; folded away until somebody asks. */
function ThreadsOverTime() {
  const { threads: open, part } = state.value;
  const { data, since, error, stale } = threads.value;
  if (service.value === "" && !part) return null;
  return (
    <section class="lanes" aria-label="Threads over time">
      <button type="button" class="lanes-head" aria-expanded={open} onClick={() => go({ threads: !open }, "replace")}>
        {open ? "▾" : "▸"} Threads
      </button>
      {part && (
        <span class="chip" title="The flame graph is of this part of time and threads.">
          <span class="chip-value">
            {tenths(part.from, now.value)} to {tenths(part.until, part.from)}, {describeThreads(part, data?.threads ?? [])}
          </span>
          <button type="button" title="Make this time the range of the page" onClick={() => goScope({ from: String(part.from), until: String(part.until) })}>
            zoom
          </button>
          <button type="button" aria-label="take off: part of time and threads" onClick={() => go({ part: null, focus: [] })}>
            ×
          </button>
        </span>
      )}
      {open && !part && data && !data.empty && <span class="soft lanes-hint">Draw a rectangle, or click a thread, for its flame graph. Darker: more.</span>}
      {open && <Progress since={data && !stale ? null : since} />}
      {open && error && <Failure error={error} onRetry={retry} />}
      {open && data?.empty && !stale && <p class="soft lanes-empty">{data.empty.message}</p>}
      {open && data && !data.empty && <ThreadMap data={data} stale={stale} busy={since !== null} />}
    </section>
  );
}

function Picture({ source, profile, dimmed }: { source: FlameSource; profile: Profile; dimmed: boolean }) {
  const look = useLook(source.tree);
  return (
    <>
      {profile.samples > 0 && profile.samples < FEW_SAMPLES && <FewSamples samples={profile.samples} />}
      <div class="split">
        {state.value.fn === "" ? (
          <FlamePanel
            source={source}
            samples={profile.samples}
            hiddenNodes={profile.hiddenNodes}
            dimmed={dimmed}
            legend={<KindLegend tree={source.tree} />}
            label={`Flame graph of ${count(source.tree.size)} frames`}
          />
        ) : (
          <Sandwich source={source} dimmed={dimmed} legend={<KindLegend tree={source.tree} />} />
        )}
        <Side
          topName="Functions"
          top={<TopTable profile={profile} source={source} />}
          incomplete={{ name: `Incomplete ${percent(profile.total > 0 ? profile.incomplete / profile.total : 0, profile.samples)}`, body: <Incomplete profile={profile} /> }}
          tree={
            <FrameTree
              source={source}
              selected={look.selected.node}
              onSelect={(node) => select(source.tree, node)}
              onZoom={(node) => zoomTo(source, node)}
            />
          }
        />
      </div>
    </>
  );
}
