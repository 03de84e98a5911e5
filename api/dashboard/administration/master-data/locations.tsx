import { ExportLink } from "../../panels/controls/export-link.tsx";
import { useState } from "preact/hooks";
import type { Schemas } from "../../../client/index.ts";
import { LOCATION_KIND_LABELS, STAGE_LABELS } from "../../labels/status-labels.ts";
import { CAPACITY_FIELDS } from "../../panels/places/capacity-fields.ts";
import { type FieldsOf, RecordForm } from "../../panels/controls/record-form.tsx";
import { type CustomField, formFields, useCustomFields, withCustom } from "../../panels/custom/custom-fields.ts";
import { post } from "../../state/client.ts";
import { page } from "../../state/page.ts";
import { STAGES } from "../../state/resources.ts";
import { EntryPage } from "../entry-page.tsx";
import { loadLocations } from "../load-locations.ts";
import { LocationRow } from "./location-row.tsx";
import { LocationTree, type TreeLine } from "./location-tree.ts";

type Location = Schemas["Location"];
type LocationFields = FieldsOf<Schemas["NewLocation"] & Schemas["LocationChange"]>;

/** Lines that are drawn at once: thousands would make the page slow. */
const AT_ONCE = 200;

/** The places of goods, as the tree that they make: it can be folded, and searched. */
export function Locations() {
  const [query, setQuery] = useState("");
  const [unfolded, setUnfolded] = useState<ReadonlySet<number>>();
  const [kind, setKind] = useState("");
  const custom = useCustomFields("locations");
  const [most, setMost] = useState(AT_ONCE);
  const unfold = (ids: readonly number[], before: ReadonlySet<number>) => setUnfolded(new Set([...before, ...ids]));
  return (
    <EntryPage
      label="Locations"
      intro="Where goods are made, kept, handed over and delivered. By its area a vehicle's arrival and departure are known."
      empty="There is no location yet."
      of="location"
      load={async (signal) => {
        const rows = (await loadLocations(signal)).toSorted((a, b) =>
          a.name.localeCompare(b.name, "en", { numeric: true }),
        );
        const tree = new LocationTree(rows);
        // The one that the address names is seen, wherever it lies.
        const now = page.get();
        const open = now.at === "administration" ? Number(now.open) : Number.NaN;
        return { rows, tree, asked: tree.above(open).map(({ id }) => id) };
      }}
      adding={[
        {
          label: "Add a location",
          form: (onDone, { rows, tree, asked }) => (
            <RecordForm<Schemas["NewLocation"] & Schemas["LocationChange"]>
              label="Add a location"
              action="Add"
              fields={fieldsOf(undefined, rows, tree, custom)}
              onSubmit={async (body) => {
                const { parent_id: parent } = await post("/locations", withCustom(body, undefined));
                // It is seen where it lies.
                if (parent !== null)
                  unfold([...tree.above(parent).map(({ id }) => id), parent], unfolded ?? new Set(asked));
                setQuery("");
                onDone();
              }}
            />
          ),
        },
      ]}
      before={({ rows, tree }) =>
        rows.length > 0 && (
          <div class="tree-tools">
            <ExportLink href="/exports/locations.csv" />
            <input
              type="search"
              aria-label="Search the locations"
              placeholder="Search, such as: garching shelf 7"
              value={query}
              onInput={(event) => {
                setQuery(event.currentTarget.value);
                setMost(AT_ONCE);
              }}
            />
            <select
              aria-label="Kind of place"
              value={kind}
              onChange={(event) => {
                setKind(event.currentTarget.value);
                setMost(AT_ONCE);
              }}
            >
              <option value="">every kind</option>
              {KINDS.map(([value, label]) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </select>
            <button type="button" onClick={() => setUnfolded(new Set(tree.parents()))}>
              Unfold all
            </button>
            <button type="button" onClick={() => setUnfolded(new Set())}>
              Fold all
            </button>
          </div>
        )
      }
      end={({ tree, asked }) => {
        const count = linesOf(tree, { query, kind }, unfolded ?? new Set(asked)).length;
        if (query.trim() !== "" && count === 0) return <p class="empty">No location is called so.</p>;
        if (kind !== "" && count === 0) return <p class="empty">No location is of this kind.</p>;
        if (count <= most) return null;
        return (
          <div class="actions">
            <button type="button" onClick={() => setMost((before) => before + AT_ONCE)}>
              Show more: {count - most} are left
            </button>
          </div>
        );
      }}
    >
      {({ rows, tree, asked }, onChanged) => {
        const open = unfolded ?? new Set(asked);
        return linesOf(tree, { query, kind }, open)
          .slice(0, most)
          .map(({ place, depth, children }) => (
            <LocationRow
              key={place.id}
              place={place}
              depth={depth}
              path={query.trim() === "" && kind === "" ? null : tree.path(place.id)}
              folding={
                children === 0
                  ? undefined
                  : { children, isOpen: open.has(place.id), toggle: () => toggle(place.id, open) }
              }
              fields={() => fieldsOf(place, rows, tree, custom)}
              onChanged={onChanged}
            />
          ));
      }}
    </EntryPage>
  );

  function toggle(id: number, before: ReadonlySet<number>): void {
    const after = new Set(before);
    if (!after.delete(id)) after.add(id);
    setUnfolded(after);
  }
}

const KINDS = Object.entries(LOCATION_KIND_LABELS);

/** What was searched for, one beside the other, else the tree. */
function linesOf(
  tree: LocationTree<Location>,
  { query, kind }: { query: string; kind: string },
  unfolded: ReadonlySet<number>,
): TreeLine<Location>[] {
  if (query.trim() === "" && kind === "") return tree.lines(unfolded);
  const found = query.trim() === "" ? tree.all() : tree.search(query);
  return found.filter((place) => kind === "" || place.kind === kind).map((place) => ({ place, depth: 0, children: 0 }));
}

/** @param row undefined: a new one */
const fieldsOf = (
  row: Location | undefined,
  rows: readonly Location[],
  tree: LocationTree<Location>,
  custom: readonly CustomField[],
): LocationFields => [
  { name: "name", label: "Name", required: true, value: row?.name },
  { name: "stage", label: "Stage", options: STAGES.map((stage) => [stage, STAGE_LABELS[stage]]), value: row?.stage },
  {
    name: "parent_id",
    label: "Lies in",
    type: "id",
    // A place below it cannot hold it.
    options: rows
      .filter(({ id }) => id !== row?.id && !tree.above(id).some((above) => above.id === row?.id))
      .map(({ id }) => [id, tree.path(id)]),
    value: row?.parent_id,
  },
  { name: "kind", label: "Kind", options: KINDS, value: row?.kind },
  {
    name: "storage_category",
    label: "Storage category; empty: as above it",
    placeholder: "chilled",
    value: row?.storage_category,
  },
  { name: "barcode", label: "Barcode of its label", placeholder: "A-01-03", value: row?.barcode },
  { name: "gln", label: "GLN, by which partners know it", placeholder: "4012345000009", value: row?.gln },
  { name: "time_zone", label: "Time zone", placeholder: "Europe/Berlin", value: row?.time_zone },
  {
    name: "geofence",
    label: "Area: a circle, or a GeoJSON Polygon",
    type: "json",
    placeholder: '{"lat": 48.1, "lon": 11.5, "radius_m": 200}',
    value: row?.geofence,
  },
  ...CAPACITY_FIELDS.map((field) => ({ ...field, value: row?.[field.name] })),
  ...formFields<Schemas["NewLocation"] & Schemas["LocationChange"]>(custom, row),
];
