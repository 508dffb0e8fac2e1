/** What an error frame means, and what helps. */
export interface Reason {
  meaning: string;
  cure: string;
}

/** The agent's error frames, and those of the service. */
const REASONS: Record<string, Reason> = {
  "no frame pointer": {
    meaning: "the stack leads into code that was compiled without frame pointers; its callers are not known",
    cure: "build it with -fno-omit-frame-pointer",
  },
  "stack unreadable": {
    meaning: "a page of the stack could not be read at the moment of the sample",
    cure: "mostly the first samples of a thread; seldom more than a few percent",
  },
  "depth limit": { meaning: "the stack has more frames than one sample can hold; the callers beyond are cut", cure: "look for runaway recursion" },
  "kernel depth limit": { meaning: "the kernel part of the stack has more frames than one sample can hold", cure: "" },
  "return probe": {
    meaning: "a tracer's probe of a function's return keeps its return address, at a moment or in a way in which the agent cannot learn it",
    cure: "seldom more than some in a thousand; otherwise look for what probes the program (bpftrace, perf probe, requests.tls)",
  },
  "32-bit program": { meaning: "a 32-bit program; only the innermost frame is known", cure: "run a 64-bit build" },
  "no stack": { meaning: "the sample came without any stack", cure: "" },
  "stack table full": {
    meaning: "there were more different stacks in ten seconds than the agent keeps; time is counted, the stack is not",
    cure: "exclude a service from sampling or lower the frequency",
  },
  "names lost": { meaning: "the store has lost the names of these stacks, their time is kept", cure: "the service's log says which file was damaged" },
};

const UNKNOWN: Reason = { meaning: "the profiler could not follow these stacks to their root; the name in brackets is its own word for why", cure: "" };

/** Explains the name of an error frame, `[no frame pointer]`; also those of other profilers. */
export function reasonOf(name: string): Reason {
  const bare = name.replace(/^\[/, "").replace(/\]$/, "");
  if (/^truncated/.test(bare)) return { meaning: "the stack was deeper than the service keeps; frames at the leaf end were cut", cure: "" };
  return REASONS[bare] ?? UNKNOWN;
}
