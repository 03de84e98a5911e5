import type { Schemas } from "../../../client/index.ts";
import type { Field, FieldsOf, FieldValues } from "../../panels/controls/record-form.tsx";
import { DEVICE_LABELS } from "../../labels/status-labels.ts";
import type { Device, Mount } from "../../state/resources.ts";

/** A device with its first secret, which is shown once. */
export type DeviceWithSecret = Schemas["DeviceWithSecret"];

/** What a form says of a mount. */
export interface MountForm {
  mount?: FormOfMount | null | undefined;
  vehicle_id?: number | null | undefined;
  shipment_id?: number | null | undefined;
  location_id?: number | null | undefined;
  item_id?: number | null | undefined;
  tare_grams?: number | null | undefined;
  division_grams?: number | null | undefined;
  /** such as `1:inside 2:outside` */
  antennas?: string | null | undefined;
  since?: string | undefined;
}

/** What a device can be mounted on. */
export interface Places {
  locations: Choice[];
  vehicles: Choice[];
  items: Choice[];
  /** of devices: what the fields of their payloads are */
  profiles: Choice[];
}
type Choice = readonly [value: number, label: string];

type Decoder = NonNullable<Schemas["NewDevice"]["decoder"]>;
/** Every format, or the type check fails. */
export const DECODERS = Object.keys({
  native: true,
  owntracks: true,
  osmand: true,
  thingsboard: true,
  "sparkplug-b": true,
  impinj: true,
  zebra: true,
  "teltonika-codec8": true,
  nmea: true,
  gs1: true,
  "scale-line": true,
  traccar: true,
  chirpstack: true,
  ttn: true,
} satisfies Record<Decoder, true>);
export const KINDS = Object.entries(DEVICE_LABELS);
const STATES = [
  ["active", "active"],
  ["pending", "pending: waits for approval"],
  ["suspended", "suspended: may not send"],
  ["retired", "retired"],
] as const;

const MOUNTS = [
  ["vehicle", "a vehicle"],
  ["shipment", "the goods of a shipment"],
  ["location", "a location: what it reads is there"],
  ["gate", "a gate: antennas look inside and outside"],
  ["shelf", "below a shelf: a scale that counts"],
] as const;
type FormOfMount = (typeof MOUNTS)[number][0] | "";

function formOf(mount: Mount | null | undefined): FormOfMount {
  if (!mount) return "";
  if (mount.vehicle_id !== undefined) return "vehicle";
  if (mount.shipment_id !== undefined) return "shipment";
  if (mount.item_id !== undefined) return "shelf";
  return mount.antennas === undefined ? "location" : "gate";
}

const antennasText = (antennas: Mount["antennas"]): string =>
  Object.entries(antennas ?? {})
    .map(([antenna, side]) => `${antenna}:${side}`)
    .join(" ");

/** The fields of where a device is mounted; which are shown follows from the form of the mount. */
export function mountFields(
  { locations, vehicles, items }: Places,
  mount: Mount | null,
  chosen: FieldValues,
): FieldsOf<MountForm> {
  const form = (chosen["mount"] ?? formOf(mount)) as FormOfMount;
  const since: Field<"since"> = {
    name: "since",
    label: "Since; empty: from now on, the first time always",
    type: "time",
  };
  const location: Field<"location_id"> = {
    name: "location_id",
    label: "Location",
    type: "id",
    options: locations,
    required: true,
    value: mount?.location_id,
  };
  const fields: Record<FormOfMount, FieldsOf<MountForm>> = {
    "": [],
    vehicle: [
      { name: "vehicle_id", label: "Vehicle", type: "id", options: vehicles, required: true, value: mount?.vehicle_id },
      since,
    ],
    shipment: [
      {
        name: "shipment_id",
        label: "Shipment, its number in the address of its page",
        type: "number",
        min: 1,
        required: true,
        value: mount?.shipment_id,
      },
      since,
    ],
    location: [location, since],
    gate: [
      location,
      {
        name: "antennas",
        label: "Antennas, such as 1:inside 2:outside",
        required: true,
        value: antennasText(mount?.antennas),
      },
      since,
    ],
    shelf: [
      location,
      { name: "item_id", label: "Product", type: "id", options: items, required: true, value: mount?.item_id },
      { name: "tare_grams", label: "Tare, grams", type: "number", min: 0, value: mount?.tare_grams },
      { name: "division_grams", label: "Finest step, grams", type: "number", min: 0, value: mount?.division_grams },
      since,
    ],
  };
  return [{ name: "mount", label: "Mounted on", options: MOUNTS, value: formOf(mount) }, ...fields[form]];
}

type NewMount = NonNullable<Schemas["NewDevice"]["mount"]>;

/** The mount as the API takes it, from what its form says. Which numbers are there follows from the form of the mount. */
export function mountOf(form: MountForm): NewMount | null {
  const { mount, vehicle_id, shipment_id, location_id, item_id, tare_grams, division_grams, antennas, since } = form;
  if ((mount ?? "") === "") return null;
  const numbers = { vehicle_id, shipment_id, location_id, item_id, tare_grams, division_grams };
  const given = Object.entries(numbers).filter(([, value]) => (value ?? null) !== null);
  return {
    ...Object.fromEntries(given),
    ...(typeof antennas === "string" && { antennas: antennasOf(antennas) }),
    ...(since !== undefined && { since }),
  } as NewMount;
}

const antennasOf = (text: string): object =>
  Object.fromEntries(text.split(/[\s,;]+/).map((pair) => pair.split(":", 2) as [string, string]));

/** What the form of a new device says. */
export type NewDeviceForm = Omit<Schemas["NewDevice"], "mount"> & MountForm;

/** The device as the API takes it. */
export function newDeviceOf(form: NewDeviceForm): Schemas["NewDevice"] {
  const {
    mount,
    vehicle_id,
    shipment_id,
    location_id,
    item_id,
    tare_grams,
    division_grams,
    antennas,
    since,
    ...device
  } = form;
  const place = { vehicle_id, shipment_id, location_id, item_id };
  const mounted = mountOf({ mount, ...place, tare_grams, division_grams, antennas, since });
  return { ...device, mount: mounted };
}

export const newDeviceFields = (places: Places, chosen: FieldValues): FieldsOf<NewDeviceForm> => [
  {
    name: "id",
    label: "Id, which is its MQTT client id and user name",
    required: true,
    pattern: "[A-Za-z0-9._:~@\\-]+",
  },
  { name: "kind", label: "Kind", options: KINDS, required: true },
  ...commonFields(places),
  ...mountFields(places, null, chosen),
];

export const deviceChangeFields = (device: Device, places: Places): FieldsOf<Schemas["DeviceChange"]> => [
  { name: "state", label: "State", options: STATES, required: true, value: device.state },
  ...commonFields(places, device),
];

type CommonField = "name" | "decoder" | "profile_id" | "interval_s" | "rate_limit";

const commonFields = ({ profiles }: Places, device?: Device): readonly Field<CommonField>[] => [
  { name: "name", label: "Name", value: device?.name },
  {
    name: "decoder",
    label: "Format that it sends",
    options: DECODERS.map((name) => [name, name] as const),
    required: true,
    value: device?.decoder ?? "native",
  },
  {
    name: "profile_id",
    label: "Profile, which says what the fields of its payload are",
    type: "id",
    options: profiles,
    value: device?.profile_id,
  },
  {
    name: "interval_s",
    label: "Usual time between readings, seconds",
    type: "number",
    min: 0,
    value: device?.interval_s,
  },
  {
    name: "rate_limit",
    label: "Messages a second; 0: no limit; empty: the default",
    type: "number",
    min: 0,
    value: device?.rate_limit,
  },
];
