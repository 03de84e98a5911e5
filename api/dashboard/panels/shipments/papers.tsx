import type { Shipment } from "../../state/resources.ts";
import { Action } from "../controls/action.tsx";

const FORMATS = [
  ["PDF", "pdf"],
  ["SVG", "svg"],
  ["ZPL, 203 dpi", "zpl"],
  ["ZPL, 300 dpi", "zpl&dpi=300"],
] as const;

/** What is printed for a shipment: the label to stick on it, as it looks and as files for printers, and the note that goes with it. */
export function Papers({ shipment }: { shipment: Shipment }) {
  const path = `/shipments/${shipment.id}`;
  return (
    <section aria-label="Papers" class="papers">
      <h3>Papers</h3>
      <p class="label-files">
        <a href={`${path}/delivery-note`} target="_blank" rel="noreferrer">
          Delivery note
        </a>
      </p>
      <Action label="Print the label">
        {() => (
          <>
            <img
              class="printed-label"
              src={`${path}/label?format=svg`}
              alt="Label with bars and a QR code"
              width="300"
              height="450"
            />
            <LabelFiles of={`${path}/label?format=`} />
          </>
        )}
      </Action>
    </section>
  );
}

/** The history as files for other systems. */
export function HistoryFiles({ shipment: { id, tracking_number: number } }: { shipment: Shipment }) {
  return (
    <p class="label-files">
      <a href={`/shipments/${id}/events?format=epcis`} download={`epcis-${number}.jsonld`}>
        Events as partners get them (EPCIS)
      </a>
      <a href={`/shipments/${id}/track?format=gpx`} download={`track-${number}.gpx`}>
        Track (GPX)
      </a>
    </p>
  );
}

/** The same label as files. */
function LabelFiles({ of }: { of: string }) {
  return (
    <p class="label-files">
      {FORMATS.map(([name, format]) => (
        <a key={format} href={`${of}${format}`} target="_blank" rel="noreferrer">
          {name}
        </a>
      ))}
    </p>
  );
}

/** The label of one unit. */
export const UnitLabel = ({ shipmentId, unitId }: { shipmentId: number; unitId: number }) => (
  <a href={`/shipments/${shipmentId}/label?format=pdf&unit_id=${unitId}`} target="_blank" rel="noreferrer">
    Label
  </a>
);
