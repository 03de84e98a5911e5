import type { Schemas } from "../../../client/index.ts";
import { getAll, post, put, remove } from "../../state/client.ts";
import { MAX_ROWS, PAGE_QUERY } from "../entry-page.tsx";
import { type Requests, ResourcePage } from "./resource-page.tsx";

const REQUESTS: Requests<Schemas["Vehicle"], Schemas["NewVehicle"], Schemas["VehicleChange"]> = {
  list: (signal) => getAll(`/vehicles?${PAGE_QUERY}`, MAX_ROWS, signal),
  add: (body) => post("/vehicles", body),
  change: (id, body) => put(`/vehicles/${id}`, body),
  remove: (id) => remove(`/vehicles/${id}`),
};

/** Trucks, vans and whatever else carries goods. */
export const Vehicles = () => (
  <ResourcePage
    requests={REQUESTS}
    thing="vehicles"
    file="/exports/vehicles.csv"
    noun="vehicle"
    label="Vehicles"
    intro="A vehicle is where the devices on it are: mount a tracker on it under Devices."
    what={({ plate }) => plate ?? "no plate"}
    fields={(row) => [
      { name: "name", label: "Name", required: true, value: row?.name },
      { name: "plate", label: "Plate", value: row?.plate },
    ]}
  />
);
