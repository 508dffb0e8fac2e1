import { useEffect, useState } from "preact/hooks";
import { ApiError, type Jvm, type Recording, type RecordingKind } from "../api/client";
import { choices, isOpen, jvmName, kindWords, LONGEST_SECONDS, progressOf, RECORDER, RECORDING_KINDS, secondsProblem } from "../format/recordings";
import { client, clockOffset, go, goScope, state } from "../state/store";
import { withEquals } from "../url/selector";

const LOOK_MILLIS = 2_000;

interface Props {
  service: string;
  /** Value of the label pod, or "". */
  pod: string;
  onClose: () => void;
}

/** Orders recordings of the JVMs of a service, and shows what becomes of them. */
export function RecordPanel({ service, pod, onClose }: Props) {
  const [jvms, setJvms] = useState<Jvm[] | null>(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    const abort = new AbortController();
    setJvms(null);
    client.jvms(service, abort.signal).then(
      (found) => setJvms(choices(found, pod)),
      (error: unknown) => !abort.signal.aborted && setProblem(said(error)),
    );
    return () => abort.abort();
  }, [service, pod]);
  return (
    <section class="record" aria-label="Record a JVM" onKeyDown={(event) => event.key === "Escape" && (event.stopPropagation(), onClose())}>
      <header>
        <h2>Record {pod || service}</h2>
        <button type="button" class="quiet" aria-label="close" onClick={onClose}>
          ×
        </button>
      </header>
      {problem !== "" && <p role="alert">{problem}</p>}
      {jvms?.length === 0 && <p class="soft">No agent samples a JVM of it now. One that has just started is known some seconds later.</p>}
      {jvms && jvms.length > 0 && <Order jvms={jvms} />}
    </section>
  );
}

function Order({ jvms }: { jvms: readonly Jvm[] }) {
  const [at, setAt] = useState(0);
  const [kinds, setKinds] = useState<readonly RecordingKind[]>(["allocations"]);
  const [seconds, setSeconds] = useState(30);
  const [problem, setProblem] = useState("");
  const [recordings, watch] = useRecordings(jvms[at]);
  const jvm = jvms[at];
  const wrong = kinds.length === 0 ? "nothing is chosen" : secondsProblem(seconds);
  const order = (event: Event) => {
    event.preventDefault();
    setProblem("");
    client.record(jvm.node, jvm.pid, kinds, seconds).then(watch, (error: unknown) => setProblem(said(error)));
  };
  return (
    <>
      <form onSubmit={order}>
        <label>
          JVM{" "}
          <select value={String(at)} onChange={(event) => setAt(Number(event.currentTarget.value))}>
            {jvms.map((one, i) => (
              <option key={`${one.node} ${one.pid}`} value={String(i)}>
                {jvmName(one)}
              </option>
            ))}
          </select>
        </label>
        <Standing jvm={jvm} />
        <fieldset>
          <legend class="sr-only">What to record</legend>
          {RECORDING_KINDS.map(({ kind, word }) => (
            <label key={kind}>
              <input
                type="checkbox"
                checked={kinds.includes(kind)}
                onChange={() => setKinds(kinds.includes(kind) ? kinds.filter((one) => one !== kind) : [...kinds, kind])}
              />{" "}
              {word}
            </label>
          ))}
        </fieldset>
        <label>
          for{" "}
          <input type="number" aria-label="seconds" min={1} max={LONGEST_SECONDS} value={seconds} onInput={(event) => setSeconds(event.currentTarget.valueAsNumber)} /> s
        </label>
        <button type="submit" disabled={!jvm.records || wrong !== ""} title={wrong}>
          Record
        </button>
      </form>
      {problem !== "" && <p role="alert">{problem}</p>}
      <ul aria-label="Recordings" aria-live="polite">
        {recordings.map((one) => (
          <Row key={one.name} recording={one} />
        ))}
      </ul>
    </>
  );
}

/** Why a JVM is not named, and why it cannot be recorded. */
function Standing({ jvm }: { jvm: Jvm }) {
  return (
    <>
      {!jvm.records && (
        <p class="record-problem">
          The agent on {jvm.node} makes no recordings. Set <code>recordings: true</code> in its configuration: async-profiler is then loaded into the JVM.
        </p>
      )}
      {jvm.state === "refused" && (
        <p class="record-problem">
          Its Java frames have no names in our samples: {jvm.reason}. {jvm.records ? "A recording of its CPU time has them." : ""}
        </p>
      )}
    </>
  );
}

/** The recordings of a JVM, the latest first; asked for again while one is open. */
function useRecordings(jvm: Jvm): [Recording[], () => void] {
  const [recordings, setRecordings] = useState<Recording[]>([]);
  const [asked, ask] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    let timer = 0;
    const look = () =>
      client.recordings(jvm.node, abort.signal).then(
        (all) => {
          const own = all.filter((one) => one.pid === jvm.pid).reverse();
          setRecordings(own);
          if (own.some(isOpen)) timer = window.setTimeout(look, LOOK_MILLIS);
        },
        // What is shown stays; the next look may be answered again.
        () => !abort.signal.aborted && (timer = window.setTimeout(look, LOOK_MILLIS)),
      );
    void look();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [jvm.node, jvm.pid, asked]);
  return [recordings, () => ask((times) => times + 1)];
}

function Row({ recording }: { recording: Recording }) {
  const { kinds, seconds, message } = recording;
  return (
    <li class={`recording-${recording.state}`}>
      <span>
        {kindWords(kinds)} for {seconds} s
      </span>
      {isOpen(recording) && <progress value={progressOf(recording, Date.now() + clockOffset.value)} />}
      {recording.state === "failed" ? <span role="alert">failed: {message}</span> : <span class="soft">{recording.state}</span>}
      {recording.state === "done" && <Made kinds={kinds} />}
    </li>
  );
}

function Made({ kinds }: { kinds: readonly RecordingKind[] }) {
  return (
    <>
      {RECORDING_KINDS.filter(({ kind }) => kinds.includes(kind)).flatMap(({ types }) =>
        types.map(([id, word]) => (
          <button key={id} type="button" class="link" onClick={() => show(id)}>
            {word}
          </button>
        )),
      )}
    </>
  );
}

/** The type that was recorded; of CPU time our own samples are another profiler's. */
function show(type: string): void {
  const cpu = type.startsWith("process_cpu:");
  const { matchers } = state.peek().a;
  goScope({ matchers: withEquals(matchers, "profiler", cpu ? RECORDER : "") });
  go({ type: cpu ? "" : type, zoom: [], selected: [], focus: [] });
}

function said(error: unknown): string {
  return error instanceof ApiError || error instanceof Error ? error.message : String(error);
}
