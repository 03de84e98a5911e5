import type { Alert } from "../../state/resources.ts";

const LABELS: Record<Alert["severity"], string> = { critical: "Critical", warning: "Warning", info: "Notice" };

/** A shape for each severity, so that it is told without colours, and its name for screen readers. */
export function SeverityMark({ severity }: { severity: Alert["severity"] }) {
  return (
    <svg
      class={`severity ${severity}`}
      viewBox="0 0 16 16"
      width="14"
      height="14"
      role="img"
      aria-label={LABELS[severity]}
    >
      {severity === "critical" && <path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z" />}
      {severity === "warning" && <path d="M8 1.5 15.5 15h-15z" />}
      {severity === "info" && <circle cx="8" cy="8" r="6.5" />}
    </svg>
  );
}

export const severityLabel = (severity: Alert["severity"]): string => LABELS[severity];
