import type { PoolClient } from "pg";
import { beyondLimits, isWithinLimits } from "../../auth/limits.ts";
import { newSecret, sha256 } from "../../auth/secrets.ts";
import { invalid, Problem, unknownReference } from "../../http/problem.ts";
import type { Versioned } from "../../http/response.ts";
import { insertRow } from "../../http/rows.ts";
import { findProfile } from "../device-profiles/queries.ts";
import { findItem } from "../items/queries.ts";
import { findLocation } from "../locations/queries.ts";
import { findShipment } from "../shipments/queries.ts";
import { findVehicle } from "../vehicles/queries.ts";
import { findOtherScale, mountDevice } from "./mount-queries.ts";
import { addCredential, DEVICE_COLUMNS, findDevice, getDevice } from "./queries.ts";
import { followScale } from "./shelf-position.ts";
import type { Device, Mount, NewDevice } from "./schema.ts";

/**
 * Adds a device with its first secret.
 * @param pointer where the device stands in the request's body
 * @returns the device with its secret in plain text, which is not stored
 * @throws Problem 409 when there is such a device already
 */
export async function addDevice(
  client: PoolClient,
  device: NewDevice,
  pointer: string,
): Promise<Versioned<Device> & { secret: string; guide: string }> {
  await addDeviceWithoutSecret(client, device, pointer);
  const secret = newSecret();
  await addCredential(client, device.id, sha256(secret));
  return { ...(await getDevice(client, device.id)), secret, guide: "/docs/devices" };
}

/** Adds a device that cannot sign in until it is given a secret. @throws Problem 409 when there is such a device already */
export async function addDeviceWithoutSecret(
  client: PoolClient,
  { mount, ...row }: NewDevice,
  pointer: string,
): Promise<void> {
  if (await findDevice(client, row.id)) {
    const errors = [{ pointer: `${pointer}/id`, message: "there is a device with this id already" }];
    throw new Problem(409, `there is a device ${row.id} already`, { errors });
  }
  if (!mount && isWithinLimits(client))
    throw invalid(
      `${pointer}/mount`,
      "needed, because you are limited to locations or owners: say where the device is mounted",
    );
  await checkProfile(client, row.profile_id, `${pointer}/profile_id`);
  await insertRow(client, "devices", row, ["id", "kind", ...DEVICE_COLUMNS]);
  if (mount) await setMount(client, row.id, mount, `${pointer}/mount`);
}

/** @throws Problem 400 when there is no such device profile; none exists for a principal with limits */
export async function checkProfile(
  client: PoolClient,
  profileId: number | null | undefined,
  pointer: string,
): Promise<void> {
  if (profileId === undefined || profileId === null) return;
  if (isWithinLimits(client) || !(await findProfile(client, profileId)))
    throw unknownReference(pointer, "device profile");
}

/** Two scales that count one stock position would contradict each other: the one that spoke last would be right. */
async function refuseSecondScale(
  client: PoolClient,
  id: string,
  { location_id, item_id }: { location_id: number; item_id: number },
  since: Date | undefined,
  pointer: string,
): Promise<void> {
  const other = await findOtherScale(client, id, { location_id, item_id }, since);
  if (other === undefined) return;
  const message =
    `${other} weighs this product at this place: take it off first (mount: null), ` +
    "or add a location for each shelf, with this place as its parent";
  throw new Problem(409, `two scales cannot count one product at one place`, {
    errors: [{ pointer: `${pointer}/item_id`, message }],
  });
}

/**
 * Mounts a device, or takes it off with null.
 * @param pointer where the mount stands in the request's body
 * @throws Problem 400 when the mount refers to something that does not exist; 409 for a second scale of one product there
 */
export async function setMount(client: PoolClient, id: string, mount: Mount | null, pointer: string): Promise<void> {
  if (mount === null) {
    await mountDevice(client, id, undefined, null);
    return beyondLimits(client, () => followScale(client, id));
  }
  const { since, ...place } = mount;
  if ("vehicle_id" in place && !(await findVehicle(client, place.vehicle_id))) {
    throw unknownReference(`${pointer}/vehicle_id`, "vehicle");
  }
  if ("shipment_id" in place && !(await findShipment(client, place.shipment_id))) {
    throw unknownReference(`${pointer}/shipment_id`, "shipment");
  }
  if ("location_id" in place && !(await findLocation(client, place.location_id))) {
    throw unknownReference(`${pointer}/location_id`, "location");
  }
  if ("item_id" in place && !(await findItem(client, place.item_id))) {
    throw unknownReference(`${pointer}/item_id`, "item");
  }
  if ("item_id" in place) await refuseSecondScale(client, id, place, since, pointer);
  await mountDevice(client, id, since, place);
  if (isWithinLimits(client) && !(await findDevice(client, id))) {
    throw invalid(pointer, "mounted there, it would be outside of the locations or owners that you are limited to");
  }
  await beyondLimits(client, () => followScale(client, id));
}
