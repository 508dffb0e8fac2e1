import type { Jvm, Recording, RecordingKind } from "../api/client";

/** What can be recorded of a JVM: the word for it, and the profile types that it becomes. */
export const RECORDING_KINDS: readonly { kind: RecordingKind; word: string; types: readonly (readonly [id: string, word: string])[] }[] = [
  { kind: "allocations", word: "Allocations", types: [["memory:alloc_in_new_tlab_bytes:bytes:space:bytes", "allocated bytes"]] },
  {
    kind: "locks",
    word: "Locks",
    types: [
      ["mutex:delay:nanoseconds:mutex:count", "waiting for monitors"],
      ["block:delay:nanoseconds:block:count", "waiting for locks"],
    ],
  },
  { kind: "wall", word: "Wall clock", types: [["wall:wall:nanoseconds:wall:nanoseconds", "wall clock"]] },
  { kind: "cpu", word: "CPU", types: [["process_cpu:cpu:nanoseconds:cpu:nanoseconds", "CPU"]] },
  { kind: "live", word: "Live objects", types: [["memory:live:count:objects:count", "live objects"]] },
];

export const LONGEST_SECONDS = 600;

/** Who makes these profiles: the value of their label `profiler`. */
export const RECORDER = "async-profiler";

/** The words for what is recorded, in the order of the page. */
export function kindWords(kinds: readonly RecordingKind[]): string {
  return RECORDING_KINDS.filter(({ kind }) => kinds.includes(kind))
    .map(({ word }) => word.toLowerCase().replace("cpu", "CPU"))
    .join(", ");
}

/** A JVM in one line. */
export function jvmName(jvm: Jvm): string {
  return [jvm.pod || `process ${jvm.pid}`, jvm.version === "" ? "" : `Java ${jvm.version}`, jvm.pod === "" ? "" : `process ${jvm.pid}`, `on ${jvm.node}`].filter((part) => part !== "").join(" · ");
}

/** JVMs of a pod, or all; those that can be recorded first. */
export function choices(jvms: readonly Jvm[], pod: string): Jvm[] {
  return jvms.filter((jvm) => pod === "" || jvm.pod === pod).sort((a, b) => Number(b.records) - Number(a.records));
}

/** How much of a recording is over, 0 to 1; it is not done before the agent says so. */
export function progressOf(recording: Recording, nowMillis: number): number {
  if (recording.state === "done") return 1;
  if (recording.state !== "recording") return 0;
  return Math.min(0.98, Math.max(0, (nowMillis - recording.createdMillis) / 1000 / recording.seconds));
}

export function isOpen(recording: Recording): boolean {
  return recording.state === "ordered" || recording.state === "recording";
}

/** What to say of seconds that cannot be ordered, or "". */
export function secondsProblem(seconds: number): string {
  return Number.isInteger(seconds) && seconds >= 1 && seconds <= LONGEST_SECONDS ? "" : `from 1 to ${LONGEST_SECONDS} whole seconds`;
}
