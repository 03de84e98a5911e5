import { detailKey, openDetail } from "../../state/navigation.ts";

/** The number of a lot, which opens it. */
export function LotLink({ id, number }: { id: number; number: string }) {
  return (
    <button
      type="button"
      class="link code"
      data-opens={detailKey({ kind: "lot", id })}
      onClick={() => openDetail({ kind: "lot", id })}
    >
      {number}
    </button>
  );
}
