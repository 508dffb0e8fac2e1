import { useEffect, useRef, useState } from "preact/hooks";
import { theme } from "../state/theme";
import type { ChartProps, Plot } from "./plot";

/**
 * A course over time. The library that draws it comes after the first picture: the flame graph
 * does not wait for it.
 */
export function TimeChart(props: ChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const [library, setLibrary] = useState<typeof import("./plot") | null>(null);
  const dark = theme.value;

  useEffect(() => {
    let here = true;
    import("./plot").then((loaded) => here && setLibrary(loaded));
    return () => {
      here = false;
    };
  }, []);
  useEffect(() => {
    if (!library) return;
    const made = library.draw(host.current!, latest);
    plot.current = made;
    return () => {
      made.destroy();
      plot.current = null;
    };
  }, [library, dark, props.unit, props.second?.colour]);
  useEffect(() => plot.current?.update(), [props.values, props.second?.values, props.startMillis, props.from, props.until]);

  return (
    <figure class={`chart${props.slim ? " chart-slim" : ""}`} aria-label={props.label}>
      <div ref={host} class="chart-host" />
    </figure>
  );
}
