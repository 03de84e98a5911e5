import { useState } from "preact/hooks";
import { formatQuantity } from "../../../labels/quantities.ts";
import { formatDateTime } from "../../../labels/times.ts";
import { get } from "../../../state/client.ts";
import { timeZone } from "../../../state/clock.ts";
import { useStore } from "../../../state/store.ts";
import { InlineForm } from "../../controls/inline-form.tsx";

/** Events that are shown at most, the newest. */
const SHOWN = 100;

type EpcisEvent = Readonly<Record<string, unknown>>;

/** The parameters of SimpleEventQuery behind the fields of the form; a field that is left empty asks nothing. */
function searchOf(field: (name: string) => string): string {
  const given: readonly (readonly [parameter: string, value: string])[] = [
    ["MATCH_anyEPC", field("epc")],
    ["EQ_bizStep", field("step")],
    ["WD_readPoint", field("place")],
    ["GE_eventTime", instant(field("from"))],
    ["LT_eventTime", instant(field("to"))],
  ];
  const parameters = new URLSearchParams({ orderBy: "eventTime", orderDirection: "DESC", perPage: String(SHOWN) });
  for (const [name, value] of given) if (value !== "") parameters.set(name, value);
  return parameters.toString();
}

const instant = (local: string): string => (local === "" ? "" : new Date(local).toISOString());

/** Finds events by what they are about, where, when and why. */
export function EventSearch() {
  const [found, setFound] = useState<readonly EpcisEvent[]>();
  return (
    <section class="card" aria-label="Search of EPCIS events">
      <h2>Events</h2>
      <InlineForm
        label="Search EPCIS events"
        action="Search"
        onSubmit={async (field) => {
          const document = await get(`/epcis/events?${searchOf(field)}`);
          setFound(document.epcisBody.queryResults.resultsBody.eventList);
        }}
      >
        <label>
          EPC, or a pattern with *
          <input name="epc" autocomplete="off" placeholder="urn:epc:id:sgtin:0614141.107346.*" />
        </label>
        <label>
          Business step
          <input name="step" autocomplete="off" placeholder="shipping" />
        </label>
        <label>
          Read point, with those below it
          <input name="place" autocomplete="off" placeholder="urn:epc:id:sgln:4012345.00005.0" />
        </label>
        <label>
          From
          <input name="from" type="datetime-local" />
        </label>
        <label>
          Until
          <input name="to" type="datetime-local" />
        </label>
      </InlineForm>
      {found !== undefined && <Found events={found} />}
    </section>
  );
}

function Found({ events }: { events: readonly EpcisEvent[] }) {
  const where = useStore(timeZone);
  if (events.length === 0) return <p class="empty">No event is like that.</p>;
  return (
    <>
      <p role="status" class="muted">
        {events.length === SHOWN
          ? `The newest ${SHOWN} events.`
          : `${formatQuantity(events.length, "event")}, newest first.`}
      </p>
      <ol class="alert-history" aria-label="Events">
        {events.map((event) => (
          <li key={textOf(event["eventID"])}>
            <details>
              <summary>
                <span class="age">{formatDateTime(textOf(event["eventTime"]), where)}</span>{" "}
                <strong>{textOf(event["type"])}</strong> {why(event)}
                {"errorDeclaration" in event && <span class="state warn">declared wrong</span>}{" "}
                <span class="muted">{about(event)}</span>
              </summary>
              <pre>{JSON.stringify(event, undefined, 2)}</pre>
            </details>
          </li>
        ))}
      </ol>
    </>
  );
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
const listOf = (value: unknown): readonly string[] => (Array.isArray(value) ? (value as string[]) : []);

const why = (event: EpcisEvent): string =>
  [event["action"], event["bizStep"], event["disposition"]].map(textOf).filter(Boolean).join(" · ");

function about(event: EpcisEvent): string {
  const { epcList, childEPCs, inputEPCList, outputEPCList, parentID } = event;
  const all = [textOf(parentID), ...[epcList, childEPCs, inputEPCList, outputEPCList].flatMap(listOf)].filter(Boolean);
  return all.length > 3 ? `${all.slice(0, 3).join(", ")} and ${all.length - 3} more` : all.join(", ");
}
