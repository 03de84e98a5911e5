import { plainLabel } from "../../labels/status-labels.ts";

/** "damaged", "on hold"; null: good, as nearly all stock is. */
export const conditionText = (condition: string): string | null =>
  condition === "good" ? null : condition === "hold" ? "on hold" : plainLabel(condition);
