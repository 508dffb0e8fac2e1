import { describe, expect, it } from "vitest";
import { Client, type Jvm, type Recording } from "../src/api/client";
import { choices, isOpen, jvmName, kindWords, progressOf, secondsProblem } from "../src/format/recordings";

const jvm = (change: Partial<Jvm> = {}): Jvm => ({ node: "n", records: true, pid: 7, namespace: "", pod: "", version: "25", state: "trusted", reason: "", ...change });
const recording = (change: Partial<Recording> = {}): Recording => ({ name: "r", pid: 7, kinds: ["cpu"], seconds: 20, createdMillis: 1_000, state: "recording", message: "", ...change });

describe("recordings", () => {
  it("name what is recorded in the order of the page", () => {
    expect(kindWords(["cpu", "allocations"])).toBe("allocations, CPU");
  });

  it("are under way for their seconds, and done when the agent says so", () => {
    expect(progressOf(recording(), 11_000)).toBeCloseTo(0.5);
    expect(progressOf(recording(), 99_000)).toBeLessThan(1);
    expect(progressOf(recording(), 0)).toBe(0);
    expect(progressOf(recording({ state: "ordered" }), 11_000)).toBe(0);
    expect(progressOf(recording({ state: "done" }), 1_000)).toBe(1);
  });

  it("are open until they are done or have failed", () => {
    expect((["ordered", "recording", "done", "failed"] as const).map((state) => isOpen(recording({ state })))).toEqual([true, true, false, false]);
  });

  it("take whole seconds in a range", () => {
    expect([1, 600].map(secondsProblem)).toEqual(["", ""]);
    for (const bad of [0, 601, 1.5, NaN, -1]) expect(secondsProblem(bad)).toContain("1 to 600");
  });

  it("choose among the JVMs of a pod, those that can be recorded first", () => {
    const all = [jvm({ pid: 1, records: false }), jvm({ pid: 2, pod: "p" }), jvm({ pid: 3 })];
    expect(choices(all, "").map(({ pid }) => pid)).toEqual([2, 3, 1]);
    expect(choices(all, "p").map(({ pid }) => pid)).toEqual([2]);
    expect(jvmName(all[1])).toBe("p · Java 25 · process 2 · on n");
    expect(jvmName(jvm({ version: "" }))).toBe("process 7 · on n");
  });

  it("are ordered of a node by its name, whatever that is", async () => {
    const asked: [string, RequestInit | undefined][] = [];
    const fetcher = (input: RequestInfo | URL, init?: RequestInit) => {
      asked.push([String(input), init]);
      return Promise.resolve(new Response(JSON.stringify(recording())));
    };
    await new Client(fetcher as typeof fetch).record("a/b ü", 7, ["locks"], 30);
    expect(asked[0][0]).toBe("api/v1/agents/a%2Fb%20%C3%BC/recordings");
    expect(asked[0][1]?.method).toBe("POST");
    expect(JSON.parse(String(asked[0][1]?.body))).toEqual({ pid: 7, kinds: ["locks"], seconds: 30 });
  });
});
