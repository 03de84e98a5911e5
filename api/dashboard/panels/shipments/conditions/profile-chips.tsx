import type { Shipment } from "../../../state/resources.ts";
import { PROFILE_LABELS } from "./conditions-fields.ts";

/** What people care about with this shipment. */
export function ProfileChips({ shipment: { profiles } }: { shipment: Shipment }) {
  if (profiles.length === 0) return null;
  return (
    <span class="profiles">
      {profiles.map((profile) => (
        <span key={profile} class={`profile ${profile}`}>
          {PROFILE_LABELS[profile]}
        </span>
      ))}
    </span>
  );
}
