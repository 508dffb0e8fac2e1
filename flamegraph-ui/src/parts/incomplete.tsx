import { amount, measureOf, percent } from "../format/units";
import type { Profile } from "../model/decode";
import { reasonOf } from "../model/reasons";
import { withEquals } from "../url/selector";
import { go, goScope, incompleteByService, retry, service } from "../state/store";
import { Failure, Progress } from "./notices";

/** How much of what is seen does not reach the root of its stack, and why. */
export function Incomplete({ profile }: { profile: Profile }) {
  const measure = measureOf(profile.type, profile.unit);
  const share = (value: number) => percent(profile.total > 0 ? value / profile.total : 0, profile.samples);
  return (
    <section class="side-body incomplete" aria-label="Incomplete stacks">
      <p>
        <strong>{share(profile.incomplete)}</strong> of {service.value === "" ? "all that is selected" : service.value} ({amount(profile.incomplete, measure)}) has
        stacks that do not reach their root. The time is counted; callers beyond an error frame are not known.
      </p>
      {profile.incompleteReasons.length === 0 ? (
        <p class="soft">Every stack is complete.</p>
      ) : (
        <ul class="reasons">
          {profile.incompleteReasons.map(({ reason, total }) => {
            const { meaning, cure } = reasonOf(reason);
            return (
              <li key={reason}>
                <div class="reason-head">
                  <button type="button" class="link" title="Zoom to it" onClick={() => go({ zoom: [reason], focus: [], fn: "" })}>
                    {reason}
                  </button>
                  <span class="number">
                    {share(total)} · {amount(total, measure)}
                  </span>
                </div>
                <div class="bar" aria-hidden="true">
                  <i style={{ width: `${profile.total > 0 ? (total / profile.total) * 100 : 0}%` }} />
                </div>
                <p class="soft">
                  {meaning}
                  {cure ? `; ${cure}` : ""}.
                </p>
              </li>
            );
          })}
        </ul>
      )}
      <ByService />
    </section>
  );
}

/** The same share for each of the largest services. */
function ByService() {
  const { data, error, since, stale } = incompleteByService.value;
  return (
    <div class={`by-service${stale ? " dimmed" : ""}`}>
      <h3>By service</h3>
      <Progress since={since} />
      {error && <Failure error={error} onRetry={retry} />}
      <table>
        <tbody>
          {data?.map((row) => (
            <tr key={row.service}>
              <th scope="row">
                <button type="button" class="link" onClick={() => goScope({ matchers: withEquals([], "service_name", row.service) })}>
                  {row.service || "(no name)"}
                </button>
              </th>
              <td class="number">{percent(row.total > 0 ? row.incomplete / row.total : 0)}</td>
              <td>
                <div class="bar" aria-hidden="true">
                  <i style={{ width: `${row.total > 0 ? (row.incomplete / row.total) * 100 : 0}%` }} />
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
