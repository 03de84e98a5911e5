import { formatPercent } from "../../labels/quantities.ts";
import { appData } from "../../state/live.ts";
import { detailKey, openDetail } from "../../state/navigation.ts";
import { useStore } from "../../state/store.ts";
import { useAll } from "../controls/use-load.ts";

/** The places that lie in a place, each with how full it is. */
export function PlacesBelow({ of, version }: { of: number; version: string }) {
  const { locations } = useStore(appData);
  const path = `/locations/utilisation?limit=200&parent_id=${of}` as const;
  const loaded = useAll(path, version);
  const below = [...locations.values()].filter(({ parent_id }) => parent_id === of);
  if (below.length === 0) return null;
  const percents = new Map(loaded?.value?.map(({ id, percent }) => [id, percent]));
  return (
    <section aria-label="Places in it">
      <h3>Places in it</h3>
      {loaded?.problem && <p class="problem">How full they are could not be loaded: {loaded.problem}</p>}
      <ul class="lines">
        {below.map(({ id, name }) => (
          <PlaceLine key={id} id={id} name={name} percent={percents.get(id) ?? null} />
        ))}
      </ul>
    </section>
  );
}

function PlaceLine({ id, name, percent }: { id: number; name: string; percent: number | null }) {
  return (
    <li class={percent !== null && percent >= 90 ? "low" : ""}>
      <button
        type="button"
        class="link grow"
        data-opens={detailKey({ kind: "location", id })}
        onClick={() => openDetail({ kind: "location", id })}
      >
        {name}
      </button>
      {percent !== null && (
        <>
          <div
            class="bar"
            role="meter"
            aria-label={`How full ${name} is`}
            aria-valuemin={0}
            aria-valuemax={Math.max(100, percent)}
            aria-valuenow={percent}
            aria-valuetext={`${formatPercent(percent)} full`}
          >
            <span style={{ width: `${Math.min(100, percent)}%` }} />
          </div>
          <strong class="number">{formatPercent(percent)}</strong>
        </>
      )}
    </li>
  );
}
