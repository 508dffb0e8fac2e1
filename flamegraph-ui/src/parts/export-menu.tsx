import { useCallback, useRef, useState } from "preact/hooks";
import type { Point } from "../draw/flame-element";
import { client, drawnSelector, service, state, times } from "../state/store";
import { Menu } from "./menu";

/** What the service can make of a selection; it names the file where the format has a name. */
const FORMATS = [
  { text: "pprof", format: "pprof", file: "pb.gz" },
  { text: "Collapsed stacks", format: "collapsed", file: "collapsed.txt" },
  { text: "speedscope", format: "speedscope", file: "speedscope.json" },
  { text: "JSON, as this page gets it", format: "", file: "json" },
  { text: "PGO profile for Go", format: "pgo", file: "pgo" },
] as const;

/** Takes what is selected elsewhere: service, labels, type, range and a part of it, whatever is zoomed into or hidden. */
export function ExportMenu() {
  const button = useRef<HTMLButtonElement>(null);
  const [at, setAt] = useState<Point | null>(null);
  const close = useCallback(() => setAt(null), []);
  const open = () => {
    const { left, bottom } = button.current!.getBoundingClientRect();
    setAt({ x: left, y: bottom });
  };
  const items = FORMATS.map(({ text, format, file }) => ({
    text,
    act: () => download(client.flamegraphAddress(times.peek(), state.peek().type, drawnSelector.peek(), format, state.peek().part), `${service.peek() || "profile"}.${file}`),
  }));
  return (
    <>
      <button ref={button} type="button" class="quiet" aria-haspopup="menu" aria-expanded={at !== null} title="Take this profile to other tools" onClick={() => (at ? close() : open())}>
        Export
      </button>
      {at && <Menu label="Export this profile as" groups={[items]} at={at} onClose={close} />}
    </>
  );
}

function download(address: string, name: string): void {
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
}
