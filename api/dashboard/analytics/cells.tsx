import { formatAmount, formatCount } from "../labels/quantities.ts";
import { STAGE_LABELS } from "../labels/status-labels.ts";
import type { Stage } from "../state/resources.ts";

/** Hours in words: "40 min", "3.5 h", "6.2 days"; a dash for none. */
export function hoursText(hours: number | null): string {
  if (hours === null) return "–";
  if (hours < 1) return `${formatCount(Math.round(hours * 60))} min`;
  return hours < 48 ? `${formatAmount(hours)} h` : `${formatAmount(hours / 24)} days`;
}

export const percentText = (percent: number | null): string => (percent === null ? "–" : `${formatAmount(percent)} %`);
export const amountText = (amount: number | null): string => (amount === null ? "–" : formatAmount(amount));

/** A place, which opens on the live page. */
export function Place({ id, name }: { id: number | null; name: string | null }) {
  if (id === null) return <>on the road</>;
  return <a href={`#/?location=${id}`}>{name ?? `location ${id}`}</a>;
}

export const stageText = (stage: Stage): string => STAGE_LABELS[stage];

/** A number with a bar as long as it is large. */
export function Bar({ share, text }: { share: number; text: string }) {
  return (
    <span class="share-bar">
      <span class="share-fill" style={{ width: `${Math.max(0, Math.min(100, share * 100))}%` }} />
      <span>{text}</span>
    </span>
  );
}
