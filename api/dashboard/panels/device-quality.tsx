import { useEffect, useState } from "preact/hooks";
import { get } from "../state/client.ts";
import type { Device, DeviceQuality } from "../state/resources.ts";

type Result = { quality: DeviceQuality } | { problem: string } | undefined;

/** What a device sent and how well: its counts, its clock, and what is wrong with it. */
export function DeviceQualityDetail({ device }: { device: Device }) {
  const [result, setResult] = useState<Result>(undefined);
  useEffect(() => {
    const left = new AbortController();
    get<DeviceQuality>(`/devices/${encodeURIComponent(device.id)}/quality`, left.signal).then(
      (quality) => setResult({ quality }),
      (cause: unknown) => {
        if (!left.signal.aborted) setResult({ problem: (cause as Error).message });
      },
    );
    return () => left.abort();
  }, [device.id, device.last_seen_at]);
  if (result === undefined) return <p class="empty">Loading …</p>;
  if ("problem" in result) return <p class="problem">{result.problem}</p>;
  const { quality } = result;
  const flagged = device.latest.gps_flagged;
  return (
    <ul class="quality">
      <li>
        {quality.received} received, {quality.late} late, {quality.quarantined} in quarantine, {quality.gap} missing
      </li>
      <li>Clock: {clockOf(quality)}</li>
      {flagged && <li>Its newest fix is not used: {flagged.quality ?? "flagged"}</li>}
      {quality.warnings.map((warning) => (
        <li key={warning} class="problem">
          {warning}
        </li>
      ))}
    </ul>
  );
}

function clockOf({ clock_offset_ms: offset, clock_offset_samples: samples }: DeviceQuality): string {
  if (offset === null) return "nothing speaks against it";
  const seconds = Math.round(Math.abs(offset) / 1000);
  return `at least ${seconds} s ${offset > 0 ? "ahead" : "behind"} (${samples} samples)`;
}
