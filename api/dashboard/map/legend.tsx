import { useEffect, useState } from "preact/hooks";
import { STAGES } from "../state/resources.ts";
import { STAGE_LABELS } from "../labels/status-labels.ts";
import { MotionMark } from "./motion-mark.tsx";
import { StageMark } from "./stage-mark.tsx";

/** As in the styles: below this width the map has not the room for an open legend. */
const WIDE = matchMedia("(min-width: 861px)");

/** What the marks on the map mean; folded on a narrow page. */
export function Legend() {
  const [isOpen, setOpen] = useState(WIDE.matches);
  useEffect(() => {
    const fold = () => setOpen(WIDE.matches);
    WIDE.addEventListener("change", fold);
    return () => WIDE.removeEventListener("change", fold);
  }, []);
  return (
    <details class="legend" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
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
