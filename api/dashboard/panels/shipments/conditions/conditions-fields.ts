import type { Schemas } from "../../../../client/index.ts";
import type { Shipment } from "../../../state/resources.ts";
import type { FieldsOf } from "../../controls/record-form.tsx";

type Profile = Shipment["profiles"][number];
type Route = NonNullable<Schemas["NewShipment"]["route"]>;
type Conditions = NonNullable<Schemas["NewShipment"]["conditions"]>;

export const PROFILE_LABELS: Record<Profile, string> = {
  time_sensitive: "Time sensitive",
  high_value: "High value",
  cold_chain: "Cold chain",
};
export const PROFILES = Object.keys(PROFILE_LABELS) as Profile[];

/** What a shipment asks for, as a form says it: humidity in per cent, a profile by yes or no. */
export interface ConditionsForm extends Partial<Record<Profile, boolean>> {
  celsius_min?: number;
  celsius_max?: number;
  celsius_minutes?: number;
  humidity_min?: number;
  humidity_max?: number;
  humidity_minutes?: number;
  shock_max?: number;
  gap_minutes?: number;
  route?: Route;
}

const YES_OR_NO = [
  ["true", "yes"],
  ["false", "no"],
] as const;

/** @param shipment what it asks for now; older conditions of another shape are not shown, and are replaced */
export function conditionsFields(shipment?: Shipment): FieldsOf<ConditionsForm> {
  const of = (quantity: string) => (shipment?.conditions?.[quantity] ?? {}) as Record<string, number | undefined>;
  const [celsius, humidity] = [of("celsius"), of("humidity")];
  const percent = (part: number | undefined) => (typeof part === "number" ? Math.round(part * 1_000) / 10 : undefined);
  const number = { type: "number" } as const;
  return [
    ...PROFILES.map((profile) => ({
      name: profile,
      label: PROFILE_LABELS[profile],
      type: "boolean" as const,
      options: YES_OR_NO,
      required: true,
      value: String(shipment?.profiles.includes(profile) ?? false),
    })),
    { ...number, name: "celsius_min", label: "Coldest allowed, °C", value: celsius["min"] },
    { ...number, name: "celsius_max", label: "Warmest allowed, °C", value: celsius["max"] },
    {
      ...number,
      name: "celsius_minutes",
      label: "Alert when outside for, minutes",
      placeholder: "10",
      min: 0,
      value: celsius["minutes"],
    },
    { ...number, name: "humidity_min", label: "Driest allowed, %", min: 0, value: percent(humidity["min"]) },
    { ...number, name: "humidity_max", label: "Dampest allowed, %", min: 0, value: percent(humidity["max"]) },
    {
      ...number,
      name: "humidity_minutes",
      label: "Alert when too dry or damp for, minutes",
      placeholder: "10",
      min: 0,
      value: humidity["minutes"],
    },
    { ...number, name: "shock_max", label: "Hardest shock allowed, g", min: 0, value: of("shock")["max"] },
    {
      ...number,
      ...{ name: "gap_minutes", label: "A longer silence is a gap, minutes", placeholder: "20", min: 1 },
      value: shipment?.conditions?.["gap_minutes"],
    },
    {
      ...{
        name: "route",
        label: "Planned route, GeoJSON LineString with width_m",
        type: "json" as const,
      },
      placeholder: '{"type": "LineString", "coordinates": [[11.5, 48.1], [11.1, 49.4]], "width_m": 2000}',
      value: shipment?.route,
    },
  ];
}

const given = (fields: Record<string, number | undefined>): Record<string, number> | undefined => {
  const entries = Object.entries(fields).filter((entry): entry is [string, number] => entry[1] !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
};

/** What the form says, as the API takes it. */
export function conditionsOf(form: ConditionsForm): {
  profiles: Profile[];
  conditions: Conditions | null;
  route: Route | null;
} {
  const part = (percent: number | undefined) => (percent === undefined ? undefined : percent / 100);
  const conditions = {
    celsius: given({ min: form.celsius_min, max: form.celsius_max, minutes: form.celsius_minutes }),
    humidity: given({ min: part(form.humidity_min), max: part(form.humidity_max), minutes: form.humidity_minutes }),
    shock: given({ max: form.shock_max }),
    gap_minutes: form.gap_minutes,
  };
  const isEmpty = Object.values(conditions).every((each) => each === undefined);
  return {
    route: form.route ?? null,
    profiles: PROFILES.filter((profile) => form[profile] === true),
    conditions: isEmpty ? null : (JSON.parse(JSON.stringify(conditions)) as Conditions),
  };
}

/** The body of a new shipment without the fields of the form that its conditions are made of. */
export function withConditions<Body extends object>(body: Body & ConditionsForm): Body {
  const names = new Set<string>(conditionsFields().map(({ name }) => name));
  const rest = Object.fromEntries(Object.entries(body).filter(([name]) => !names.has(name)));
  return { ...rest, ...conditionsOf(body) } as unknown as Body;
}
