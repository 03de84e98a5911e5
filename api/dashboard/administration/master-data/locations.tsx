import { STAGE_LABELS } from "../../labels/status-labels.ts";
import { STAGES } from "../../state/resources.ts";
import type { Schemas } from "../../../client/index.ts";
import { getAll, post, put, remove } from "../../state/client.ts";
import { MAX_ROWS, PAGE_QUERY } from "../entry-page.tsx";
import { CAPACITY_FIELDS } from "../../panels/places/capacity-fields.ts";
import { type Requests, ResourcePage } from "./resource-page.tsx";

const REQUESTS: Requests<Schemas["Location"], Schemas["NewLocation"], Schemas["LocationChange"]> = {
  list: (signal) => getAll(`/locations?${PAGE_QUERY}`, MAX_ROWS, signal),
  add: (body) => post("/locations", body),
  change: (id, body) => put(`/locations/${id}`, body),
  remove: (id) => remove(`/locations/${id}`),
};

/** The places of goods. */
export const Locations = () => (
  <ResourcePage
    requests={REQUESTS}
    noun="location"
    label="Locations"
    intro="Where goods are made, kept, handed over and delivered. By its area a vehicle's arrival and departure are known."
    what={({ stage }) => (stage === null ? "no stage" : STAGE_LABELS[stage])}
    whatNote={({ parent_id: parent }, rows) =>
      parent === null ? null : `in ${rows.find(({ id }) => id === parent)?.name ?? `location ${parent}`}`
    }
    fields={(row, rows) => [
      { name: "name", label: "Name", required: true, value: row?.name },
      {
        name: "stage",
        label: "Stage",
        options: STAGES.map((stage) => [stage, STAGE_LABELS[stage]]),
        value: row?.stage,
      },
      {
        name: "parent_id",
        label: "Lies in",
        type: "id",
        options: rows.filter(({ id }) => id !== row?.id).map(({ id, name }) => [id, name]),
        value: row?.parent_id,
      },
      { name: "barcode", label: "Barcode of its label", placeholder: "A-01-03", value: row?.barcode },
      { name: "time_zone", label: "Time zone", placeholder: "Europe/Berlin", value: row?.time_zone },
      {
        name: "geofence",
        label: "Area: a circle, or a GeoJSON Polygon",
        type: "json",
        placeholder: '{"lat": 48.1, "lon": 11.5, "radius_m": 200}',
        value: row?.geofence,
      },
      ...CAPACITY_FIELDS.map((field) => ({ ...field, value: row?.[field.name] })),
    ]}
  />
);
