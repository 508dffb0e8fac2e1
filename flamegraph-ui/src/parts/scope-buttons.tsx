import { goScope, state } from "../state/store";

/** A way on where no series has the chosen labels. */
export function ShowAllServices() {
  return (
    <button type="button" onClick={() => goScope({ matchers: [] })}>
      Show all services
    </button>
  );
}

/** A way on where there is nothing in the range; nothing when the range is that day already. */
export function WidenToDay() {
  if (state.value.a.from === "now-24h") return null;
  return (
    <button type="button" onClick={() => goScope({ from: "now-24h", until: "now" })}>
      Widen to 24h
    </button>
  );
}
