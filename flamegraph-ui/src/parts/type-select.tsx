import { DEFAULT_TYPE } from "../format/units";
import { go, profileTypes, state } from "../state/store";

/** Which kind of profile is shown. */
export function TypeSelect() {
  const types = profileTypes.value.data ?? [];
  const current = state.value.type || DEFAULT_TYPE;
  const ids = types.some((type) => type.id === current) ? types : [{ id: current, name: current.split(":")[0], sampleType: current.split(":")[1] ?? "", sampleUnit: "" }, ...types];
  return (
    <select
      class="type-select"
      aria-label="profile type"
      value={current}
      onChange={(event) => {
        const id = event.currentTarget.value;
        go({ type: id === DEFAULT_TYPE ? "" : id, zoom: [], selected: [], focus: [] });
      }}
    >
      {ids.map((type) => (
        <option key={type.id} value={type.id}>
          {typeName(type.id, type.name, type.sampleType)}
        </option>
      ))}
    </select>
  );
}

function typeName(id: string, name: string, sampleType: string): string {
  return id === DEFAULT_TYPE ? "CPU" : `${name} · ${sampleType.replaceAll("_", " ")}`;
}
