import { appData } from "../../state/live.ts";
import { detailKey, openDetail } from "../../state/navigation.ts";
import { useStore } from "../../state/store.ts";

/** The name of a place, which opens it. */
export function PlaceLink({ id, name }: { id: number; name?: string | null }) {
  const { locations } = useStore(appData);
  return (
    <button
      type="button"
      class="link"
      data-opens={detailKey({ kind: "location", id })}
      onClick={() => openDetail({ kind: "location", id })}
    >
      {name ?? locations.get(id)?.name ?? `location ${id}`}
    </button>
  );
}
