import type { Alert } from "../../state/resources.ts";

const SEVERITY_ORDER: Record<Alert["severity"], number> = { critical: 0, warning: 1, info: 2 };
const STATE_ORDER: Record<Alert["state"], number> = { open: 0, acknowledged: 1, snoozed: 2, resolved: 3 };

/** Whether nobody sees to it yet. */
export const needsSomebody = ({ state }: Alert): boolean => state === "open";

/** What nobody sees to comes first, of that the worst, of that the newest. */
export const byUrgency = (a: Alert, b: Alert): number =>
  STATE_ORDER[a.state] - STATE_ORDER[b.state] ||
  SEVERITY_ORDER[a.severity] - SEVERITY_ORDER[b.severity] ||
  Date.parse(b.opened_at) - Date.parse(a.opened_at) ||
  b.id - a.id;
