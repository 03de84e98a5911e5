import { omitMissing } from "./omit-missing.ts";
import type { AvlRecord } from "./teltonika-record.ts";

/** AVL ids of the FMB family (Teltonika wiki, permanent, OBD and LVCAN I/O elements). */
const AVL = {
  ignition: 239,
  /** metres */
  totalOdometer: 16,
  /** millivolts */
  externalVoltage: 66,
  /** percent, by OBD and by CAN */
  fuelLevelObd: 48,
  fuelLevelCan: 89,
  /** minutes */
  engineWorktime: 102,
  /** eight bytes; zeros: nobody has signed on */
  iButton: 78,
} as const;

export const VEHICLE_INPUTS: ReadonlySet<number> = new Set(Object.values(AVL));

/** What the tracker's inputs tell of the vehicle; empty when they tell nothing. */
export function vehicleOf({ inputs, ids }: AvlRecord): Record<string, unknown> {
  const [ignition, millivolts, minutes] = [AVL.ignition, AVL.externalVoltage, AVL.engineWorktime].map((id) =>
    inputs.get(id),
  );
  const fuel = inputs.get(AVL.fuelLevelCan) ?? inputs.get(AVL.fuelLevelObd);
  const driver = ids.get(AVL.iButton);
  return omitMissing({
    ignition: ignition === undefined ? undefined : ignition === 1,
    odometer: inputs.get(AVL.totalOdometer),
    fuel: fuel !== undefined && fuel <= 100 ? fuel / 100 : undefined,
    engine_hours: minutes === undefined ? undefined : minutes / 60,
    voltage: millivolts === undefined ? undefined : millivolts / 1000,
    driver: driver === undefined || /^0+$/.test(driver) ? undefined : driver,
  });
}
