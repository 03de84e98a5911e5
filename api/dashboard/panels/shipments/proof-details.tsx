import type { ShipmentEvent } from "../../state/resources.ts";

const OUTCOMES = { delivered: "took all of it", partly: "took a part", refused: "refused it" } as const;

/** What a person has recorded at the hand-over, with its pictures. */
export function ProofDetails({ shipmentId, event }: { shipmentId: number; event: ShipmentEvent }) {
  const { proof } = event;
  if (proof === undefined) return null;
  const taken = proof.lines?.map(({ line, quantity }) => `${quantity} of line ${line}`).join(", ");
  return (
    <>
      <p>
        {proof.name} {OUTCOMES[proof.outcome]}
        {taken !== undefined && `: ${taken}`}
        {proof.reason !== null && ` · ${proof.reason}`}
        {proof.note !== null && ` · ${proof.note}`}
      </p>
      {proof.attachments.length > 0 && (
        <p class="proof-pictures">
          {proof.attachments.map(({ id, kind, sha256 }) => (
            <a key={id} href={`/shipments/${shipmentId}/attachments/${id}`} title={`SHA-256 ${sha256}`} download>
              <img src={`/shipments/${shipmentId}/attachments/${id}`} alt={kind} loading="lazy" />
            </a>
          ))}
        </p>
      )}
    </>
  );
}
