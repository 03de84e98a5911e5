import type { Evidence, ShipmentEvent } from "../state/resources.ts";
import type { Person } from "../state/roles.ts";

/** Why an event is believed, by the rule that derived it. */
const RULE_LABELS: Record<string, string> = {
  person: "Somebody said so",
  "fence-crossing": "The positions of the tracker crossed the line around the place",
  "fence-passing": "The positions of the tracker went through the place without a stop",
  trip: "The tracker has left the place where it stood",
  "tag-presence": "An RFID reader read its tag",
  "reader-aboard": "The reader on the vehicle read its tag on the way too",
  "scan-facts": "Its code was scanned",
  epcis: "A partner's system said so, by an EPCIS event",
  excursions: "Its probe measured",
  "risk-rule": "The watch over goods of high value saw",
  "vehicle-data": "A device on the vehicle told",
  "harsh-manoeuvre": "The speeds of the tracker changed harshly",
};

/** A newer server may send rules that this page does not know: it shows their names. */
export const ruleLabel = ({ rule }: Pick<ShipmentEvent, "rule">): string => RULE_LABELS[rule] ?? `By the rule ${rule}`;

/** How sure an event is, in a word. */
export function sureness(share: number): string {
  if (share >= 0.95) return "certain";
  if (share >= 0.85) return "firm";
  return share >= 0.6 ? "likely" : "doubtful";
}

/** Who said so: a person, or a system that reports for people. @param name as far as this viewer is told */
export function reporterLabel(
  { actor_id: user, client_id: client }: Pick<Evidence, "actor_id" | "client_id">,
  name: string | null,
  me: Pick<Person, "kind" | "id"> | undefined,
): string | undefined {
  if (user !== undefined) return me?.kind === "user" && me.id === user ? "you" : (name ?? `person ${user}`);
  return client === undefined ? undefined : (name ?? `API client ${client}`);
}
