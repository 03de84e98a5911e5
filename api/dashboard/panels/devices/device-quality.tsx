import { formatCount } from "../../labels/quantities.ts";
import type { Device, DeviceQuality } from "../../state/resources.ts";
import { useGet } from "../controls/use-load.ts";
import { RefusedMessages } from "./refused-messages.tsx";

/** What a device sent and how well: its counts, its clock, what is wrong with it, and what of it was refused. */
export function DeviceQualityDetail({ device }: { device: Device }) {
  const loaded = useGet(`/devices/${encodeURIComponent(device.id)}/quality`, device.last_seen_at);
  if (loaded === undefined) return <p class="empty">Loading …</p>;
  if (loaded.problem !== null) return <p class="problem">{loaded.problem}</p>;
  const { value: quality } = loaded;
  const flagged = device.latest.gps_flagged;
  return (
    <>
      <section aria-label="Quality">
        <h3>Quality</h3>
        <ul>
          <li>
            {formatCount(quality.received)} received, {formatCount(quality.late)} late,{" "}
            {formatCount(quality.quarantined)} in quarantine
            {quality.quarantine_not_kept > 0 &&
              ` (${formatCount(quality.quarantine_not_kept)} of them only counted)`},{" "}
            {formatCount(quality.gap)} missing
          </li>
          <li>Clock: {clockOf(quality)}</li>
          {flagged && <li>Its newest fix is not used: {flagged.quality ?? "flagged"}</li>}
        </ul>
      </section>
      {quality.warnings.length > 0 && (
        <section aria-label="Warnings">
          <h3>Warnings</h3>
          <ul class="warnings">
            {quality.warnings.map((warning) => (
              <li key={warning}>▲ {warning}</li>
            ))}
          </ul>
        </section>
      )}
      <RefusedMessages device={device} count={quality.quarantined} />
    </>
  );
}

function clockOf({ clock_offset_ms: offset, clock_offset_samples: samples }: DeviceQuality): string {
  if (offset === null) return "nothing speaks against it";
  const seconds = Math.round(Math.abs(offset) / 1000);
  return `at least ${seconds} s ${offset > 0 ? "ahead" : "behind"} (${samples} samples)`;
}
