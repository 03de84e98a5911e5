import { Frame } from "../../administration/frame.tsx";
import { getAll } from "../../state/client.ts";
import { mayHandle, type Person } from "../../state/roles.ts";
import { useLoad } from "../controls/use-load.ts";
import { PutAway } from "./put-away.tsx";

/** Receiving and quality places of one installation, at most. */
const MAX_PLACES = 500;

/** Where goods that have arrived are put, one after the other: made for a phone with a scanner. */
export function PutAwayPage({ person, from }: { person: Person; from: number | undefined }) {
  const loaded = useLoad("places to put away from", null, async (signal) => {
    const [receiving, quality] = await Promise.all([
      getAll("/locations?kind=receiving&limit=200", MAX_PLACES, signal),
      getAll("/locations?kind=quality&limit=200", MAX_PLACES, signal),
    ]);
    return [...receiving.rows, ...quality.rows].toSorted((a, b) =>
      a.name.localeCompare(b.name, "en", { numeric: true }),
    );
  });
  const places = loaded?.value ?? [];
  const chosen = from ?? (places.length === 1 ? places[0]!.id : undefined);
  return (
    <Frame person={person} title="Put away">
      {loaded === undefined && <p class="empty">Loading …</p>}
      {loaded?.problem && <p class="problem">The places could not be loaded: {loaded.problem}</p>}
      {loaded?.value && places.length === 0 && (
        <p class="empty">There is no receiving place yet: give a location the kind Receiving.</p>
      )}
      {places.length > 0 && (
        <label class="put-away-from">
          From
          <select
            value={chosen ?? ""}
            onChange={(event) => {
              location.hash = `#/put-away/${event.currentTarget.value}`;
            }}
          >
            {chosen === undefined && <option value="">Choose a place</option>}
            {places.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      {chosen !== undefined && <PutAway key={chosen} from={chosen} mayPut={mayHandle(person)} />}
    </Frame>
  );
}
