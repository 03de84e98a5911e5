import { STAGES } from "../state/resources.ts";
import { STAGE_LABELS } from "../labels/status-labels.ts";
import { MotionMark } from "./motion-mark.tsx";
import { StageMark } from "./stage-mark.tsx";

export function Legend() {
  return (
    <details class="legend" open={matchMedia("(min-width: 700px)").matches}>
      <summary>Legend</summary>
      <ul aria-label="Places">
        {STAGES.map((stage) => (
          <li key={stage}>
            <StageMark stage={stage} /> {STAGE_LABELS[stage]}
          </li>
        ))}
      </ul>
      <ul aria-label="Vehicles">
        <li>
          <MotionMark state="moving" /> Moving
        </li>
        <li>
          <MotionMark state="idle" /> Standing
        </li>
        <li>
          <MotionMark state="silent" /> Silent for 2 min
        </li>
      </ul>
    </details>
  );
}
