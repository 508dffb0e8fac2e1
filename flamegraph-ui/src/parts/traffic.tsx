import { useMemo } from "preact/hooks";
import { seconds, secondsTick } from "../format/seconds";
import { bytes, rateNumber, tick } from "../format/units";
import { networkLanes, requestLanes, type Pair, type TrafficOf } from "../model/traffic";
import { knownUntil } from "../state/store";
import { Course } from "./course";

const REQUESTS = { unit: "requests", cpu: false };
const plain = (value: number) => rateNumber(value, REQUESTS);
const bytesTick = (value: number) => (value === 0 ? "0" : bytes(value).replace(/\.0+ /, " "));
const plainTick = (value: number) => tick(value, REQUESTS);

interface Props {
  data: TrafficOf;
  stale: boolean;
  busy: boolean;
}

/** Low courses below each other on one axis of time; a part that is drawn in any becomes the range. */
export function TrafficLanes({ data, stale, busy }: Props) {
  const known = knownUntil.value;
  const requests = useMemo(() => requestLanes(data.requests, data.range, known), [data, known]);
  const network = useMemo(() => networkLanes(data.edges, data.range, known), [data, known]);
  const look = { slim: true, stale, busy };
  const asked = data.role === "client" ? "requests sent" : "requests";
  return (
    <>
      {requests && (
        <>
          <Course {...look} name="Requests" steps={data.requests} {...pair(requests.rate, ["", "failed"], "--bad")} unit={`${asked}/s`} legend={`${asked}/s, dashed: failed`} format={plain} tick={plainTick} least={0.1} />
          <Course {...look} name="Latency" steps={data.requests} {...pair(requests.latency, ["p99", "p50"], "--text-soft")} unit="" legend="p99, dashed: p50" format={seconds} tick={secondsTick} least={0.001} />
        </>
      )}
      {network && (
        <>
          <Course {...look} name="Bytes" steps={data.edges} {...pair(network.bytes, ["sent", "received"], "--less")} unit="a second" legend="bytes sent, dashed: received" format={bytes} tick={bytesTick} least={1024} binary />
          <Course {...look} name="Retransmits and failed connects" steps={data.edges} {...pair(network.trouble, ["retransmits", "failed connects"], "--bad")} unit="a second" legend="retransmits/s, dashed: failed connects/s" format={plain} tick={plainTick} least={0.1} />
        </>
      )}
    </>
  );
}

function pair([values, others]: Pair, names: readonly [string, string], colour: string) {
  return { values, second: { names, values: others, colour } };
}
