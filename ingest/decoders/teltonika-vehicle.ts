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
  /** eight bytes: the card at an RFID reader; zeros: none */
  rfid: 207,
  /** 1 harsh acceleration, 2 harsh braking, 3 harsh cornering; told with the record that it caused */
  greenDriving: 253,
  /** hundredths of g; of cornering on older firmware radians per second, in hundredths too */
  greenDrivingValue: 254,
} as const;

export const VEHICLE_INPUTS: ReadonlySet<number> = new Set(Object.values(AVL));

const MANOEUVRES: Readonly<Record<number, string>> = { 1: "acceleration", 2: "braking", 3: "cornering" };

/** What the tracker's inputs tell of the vehicle; empty when they tell nothing. */
export function vehicleOf({ inputs, ids, cause }: AvlRecord): Record<string, unknown> {
  const [ignition, millivolts, minutes] = [AVL.ignition, AVL.externalVoltage, AVL.engineWorktime].map((id) =>
    inputs.get(id),
  );
  const fuel = inputs.get(AVL.fuelLevelCan) ?? inputs.get(AVL.fuelLevelObd);
  const driver = [AVL.iButton, AVL.rfid].map((id) => ids.get(id)).find((id) => id !== undefined && !/^0+$/.test(id));
  // Firmware may be set to send an input with every record: only the one that it caused tells of a manoeuvre.
  const harsh = cause === AVL.greenDriving ? MANOEUVRES[inputs.get(AVL.greenDriving) ?? 0] : undefined;
  const strength = inputs.get(AVL.greenDrivingValue);
  const isInG = harsh !== undefined && harsh !== "cornering" && strength !== undefined;
  return omitMissing({
    harsh,
    harsh_g: isInG ? strength / 100 : undefined,
    ignition: ignition === undefined ? undefined : ignition === 1,
    odometer: inputs.get(AVL.totalOdometer),
    fuel: fuel !== undefined && fuel <= 100 ? fuel / 100 : undefined,
    engine_hours: minutes === undefined ? undefined : minutes / 60,
    voltage: millivolts === undefined ? undefined : millivolts / 1000,
    driver,
  });
}
