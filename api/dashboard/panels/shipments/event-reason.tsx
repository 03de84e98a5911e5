import { useState } from "preact/hooks";
import { reporterLabel, ruleLabel, sureness } from "../../labels/event-labels.ts";
import { plainLabel } from "../../labels/status-labels.ts";
import { formatDateTime, formatTime } from "../../labels/times.ts";
import { timeZone } from "../../state/clock.ts";
import { detailKey, openDetail } from "../../state/navigation.ts";
import type { Evidence, ShipmentEvent } from "../../state/resources.ts";
import { mayManage, type Person } from "../../state/roles.ts";
import { useStore } from "../../state/store.ts";
import { useGet } from "../controls/use-load.ts";
import { useMay } from "../controls/use-person.ts";

/** Why an event is believed: who or which rule says so, how sure that is, and the readings behind it. */
export function EventReason({ event, me }: { event: ShipmentEvent; me: Person | undefined }) {
  const [who] = event.evidence.flatMap((piece) => reporterLabel(piece, event.actor_name, me) ?? []);
  const readings = event.evidence.filter(({ device_id: device }) => device !== undefined);
  const captured = event.evidence.flatMap(({ epcis_event: id }) => id ?? []);
  const notes = event.evidence.flatMap(({ note }) => note ?? []);
  return (
    <div class="event-rule">
      <p title={`rule ${event.rule}`}>
        {event.rule === "person" && who !== undefined
          ? `${who === event.actor_name ? who : capital(who)} said so`
          : ruleLabel(event)}{" "}
        · <Confidence share={event.confidence} />
        {notes.map((note, at) => (
          <span key={at}> · {note}</span>
        ))}
      </p>
      {captured.map((id) => (
        <p key={id}>
          <a href={`/epcis/events/${encodeURIComponent(id)}`} target="_blank" rel="noreferrer">
            The captured event
          </a>
        </p>
      ))}
      {readings.map((piece, at) => (
        <Reading key={at} piece={piece} />
      ))}
    </div>
  );
}

const capital = (text: string): string => `${text[0]!.toUpperCase()}${text.slice(1)}`;

/** A reading that speaks for the event; managers open its device, and see what it said. */
function Reading({ piece }: { piece: Evidence }) {
  const where = useStore(timeZone);
  const mayOpen = useMay(mayManage);
  const [isOpen, setIsOpen] = useState(false);
  const { device_id: device = "", kind, ts } = piece;
  const text = [kind && plainLabel(kind), ts && formatTime(ts, where)].filter(Boolean).join(" ");
  if (!mayOpen) return <p>{`${device} ${text}`}</p>;
  return (
    <p>
      <button
        type="button"
        class="link"
        data-opens={detailKey({ kind: "device", id: device })}
        onClick={() => openDetail({ kind: "device", id: device })}
      >
        {device}
      </button>{" "}
      {kind !== undefined && ts !== undefined ? (
        <button
          type="button"
          class="link"
          aria-expanded={isOpen}
          title={formatDateTime(ts, where)}
          onClick={() => setIsOpen(!isOpen)}
        >
          {text}
        </button>
      ) : (
        text
      )}
      {isOpen && kind !== undefined && ts !== undefined && <Content device={device} kind={kind} ts={ts} />}
    </p>
  );
}

/** What the device said at that moment. */
function Content({ device, kind, ts }: { device: string; kind: string; ts: string }) {
  const next = new Date(Date.parse(ts) + 1).toISOString();
  const span = new URLSearchParams({ kind, from: ts, to: next, limit: "10" }).toString();
  const loaded = useGet(`/devices/${encodeURIComponent(device)}/readings?${span}`, null);
  if (loaded === undefined) return <span class="muted"> …</span>;
  if (loaded.problem !== null) return <span class="problem"> {loaded.problem}</span>;
  if (loaded.value.length === 0) return <span class="muted"> The reading is no longer kept.</span>;
  return (
    <span class="reading" role="status">
      {loaded.value.map((reading, at) => (
        <code key={at}>{contentOf(reading)}</code>
      ))}
    </span>
  );
}

/** Fields that the row shows already (`ts`, `kind`), and those that the platform has added. */
const KNOWN = new Set(["ts", "kind", "received_at", "late"]);

const contentOf = (reading: object): string =>
  Object.entries(reading)
    .filter(([name, value]) => !KNOWN.has(name) && value !== null)
    .map(([name, value]) => `${plainLabel(name)} ${typeof value === "object" ? JSON.stringify(value) : String(value)}`)
    .join(", ");

function Confidence({ share }: { share: number }) {
  const percent = Math.round(share * 100);
  return (
    <span class="confidence" title="Confidence">
      <span class="confidence-bar" aria-hidden="true">
        <span style={{ width: `${percent}%` }} />
      </span>
      {sureness(share)}, {percent} % sure
    </span>
  );
}
