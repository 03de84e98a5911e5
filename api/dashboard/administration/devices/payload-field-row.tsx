import type { Schemas } from "../../../client/index.ts";

type PayloadFields = Schemas["DeviceProfile"]["payload_fields"];

/** One line of the form. */
export interface PayloadFieldText {
  /** of the line, while the form is open */
  key: number;
  path: string;
  /** "": no part of a reading */
  field: string;
  scale: string;
  offset: string;
}

type Choice = readonly [value: string, label: string];

const TARGETS: readonly (readonly [group: string, fields: readonly Choice[]])[] = [
  [
    "Environment",
    [
      ["env.celsius", "temperature, °C"],
      ["env.humidity", "humidity, 0 to 1"],
      ["env.shock", "shock, g"],
      ["env.lux", "light, lux"],
      ["env.battery", "battery, 0 to 1"],
    ],
  ],
  [
    "Position",
    [
      ["gps.lat", "latitude"],
      ["gps.lon", "longitude"],
      ["gps.accuracy", "accuracy, m"],
      ["gps.speed", "speed, m/s"],
      ["gps.heading", "heading, degrees"],
      ["gps.altitude", "altitude, m"],
      ["gps.satellites", "satellites"],
      ["gps.battery", "battery of the tracker, 0 to 1"],
    ],
  ],
  [
    "Vehicle",
    [
      ["vehicle.ignition", "ignition"],
      ["vehicle.odometer", "odometer, m"],
      ["vehicle.fuel", "fuel, 0 to 1"],
      ["vehicle.engine_hours", "engine hours"],
      ["vehicle.voltage", "voltage, V"],
      ["vehicle.driver", "driver's token"],
    ],
  ],
  [
    "Weight",
    [
      ["scale.grams", "weight, g"],
      ["scale.stable", "weight is stable"],
    ],
  ],
  [
    "Tags and codes",
    [
      ["rfid.epc", "EPC of a tag"],
      ["rfid.antenna", "antenna"],
      ["rfid.rssi", "signal, dBm"],
      ["rfid.count", "how often it was read"],
      ["scan.code", "scanned code"],
      ["scan.symbology", "symbology"],
      ["scan.action", "action of a scan"],
      ["scan.quantity", "quantity of a scan"],
    ],
  ],
  [
    "Other",
    [
      ["ts", "time of measurement"],
      ["", "no part of a reading"],
    ],
  ],
];

interface PayloadFieldRowProps {
  row: PayloadFieldText;
  onChange: (row: PayloadFieldText) => void;
  onRemove: () => void;
}

export function PayloadFieldRow({ row, onChange, onRemove }: PayloadFieldRowProps) {
  const isNumber = row.field !== "" && row.field !== "ts";
  return (
    <fieldset class="payload-field" aria-label={row.path === "" ? "New field" : row.path}>
      <label>
        Name in the payload
        <input
          value={row.path}
          required
          placeholder="such as batV or gps.lat"
          onInput={(event) => onChange({ ...row, path: event.currentTarget.value })}
        />
      </label>
      <label>
        Is
        <select value={row.field} onChange={(event) => onChange({ ...row, field: event.currentTarget.value })}>
          {TARGETS.map(([group, fields]) => (
            <optgroup key={group} label={group}>
              {fields.map(([value, label]) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      </label>
      {(["scale", "offset"] as const).map((name) => (
        <label key={name}>
          {name === "scale" ? "Scale" : "Offset"}
          <input
            type="number"
            step="any"
            value={row[name]}
            placeholder={name === "scale" ? "1" : "0"}
            disabled={!isNumber}
            onInput={(event) => onChange({ ...row, [name]: event.currentTarget.value })}
          />
        </label>
      ))}
      <button type="button" aria-label={`Remove ${row.path === "" ? "the new field" : row.path}`} onClick={onRemove}>
        Remove
      </button>
    </fieldset>
  );
}

const numberText = (value: number | undefined): string => (value === undefined ? "" : String(value));

/** The lines of the form for what the profile says. */
export const textsOf = (fields: PayloadFields): PayloadFieldText[] =>
  Object.entries(fields).map(([path, target], key) => {
    const { field, scale, offset } = typeof target === "object" && target !== null ? target : { field: target ?? "" };
    return { key, path, field, scale: numberText(scale), offset: numberText(offset) };
  });

/** What the profile is to say; a number that is left empty is left out. */
export function payloadFieldsOf(rows: readonly PayloadFieldText[]): PayloadFields {
  const entries = rows.map(({ path, field, scale, offset }) => {
    if (field === "") return [path.trim(), null];
    if (field === "ts" || (scale === "" && offset === "")) return [path.trim(), field];
    const given = { ...(scale !== "" && { scale: Number(scale) }), ...(offset !== "" && { offset: Number(offset) }) };
    return [path.trim(), { field, ...given }];
  });
  return Object.fromEntries(entries) as PayloadFields;
}
