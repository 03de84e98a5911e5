import type { Reader } from "../../auth/limits.ts";

/** The position of a vehicle, as sent by the live stream. */
export interface PositionRow {
  vehicle_id: number;
  name: string;
  ts: Date;
  received_at: Date;
  lat: number;
  lon: number;
  accuracy: number | null;
  speed: number | null;
  heading: number | null;
  device_id: string;
}

const POSITION = `SELECT p.vehicle_id, v.name, p.ts, p.received_at, p.lat, p.lon, p.accuracy, p.speed, p.heading, p.device_id
  FROM vehicle_positions p JOIN vehicles v ON v.id = p.vehicle_id`;

export async function findPositions(db: Reader, vehicleIds: readonly number[]): Promise<PositionRow[]> {
  const { rows } = await db.query<PositionRow>(`${POSITION} WHERE p.vehicle_id = ANY($1::int[]) ORDER BY 1`, [
    vehicleIds,
  ]);
  return rows;
}

export async function positionsSince(
  db: Reader,
  since: Date,
  after: number | undefined,
  limit: number,
): Promise<PositionRow[]> {
  const { rows } = await db.query<PositionRow>(
    `${POSITION} WHERE p.received_at >= $1 AND p.vehicle_id > $2 ORDER BY 1 LIMIT $3`,
    [since, after ?? 0, limit],
  );
  return rows;
}
