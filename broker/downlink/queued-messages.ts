import type { Pool } from "pg";
import { commandTopic, errorsTopic } from "../contract/topics.ts";

/** how long a receiver may take to acknowledge a message */
export const ACK_TIMEOUT_MS = 10_000;

/** messages of a device that are read at a time */
export const BATCH = 100;

const TOPICS = { errors: errorsTopic, cmd: commandTopic };
type Channel = keyof typeof TOPICS;
const CHANNELS = ["errors", "cmd"] as const;

/** A row of `device_messages`. */
export interface PendingMessage {
  id: number;
  channel: Channel;
  payload: Record<string, unknown>;
  expires_at: Date;
}

export const topicOf = (deviceId: string, { channel }: Pick<PendingMessage, "channel">): string =>
  TOPICS[channel](deviceId);

/** @returns the kinds of a device's messages whose topics are received */
export const channelsReceived = (deviceId: string, isReceived: (topic: string) => boolean): Channel[] =>
  CHANNELS.filter((channel) => isReceived(TOPICS[channel](deviceId)));

export function payloadOf({ id, channel, payload, expires_at }: PendingMessage): string {
  return JSON.stringify(channel === "cmd" ? { id, ...payload, expiresAt: expires_at } : payload);
}

/** The messages in Postgres that devices wait for: error reports, commands. */
export class QueuedMessages {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** The oldest messages of a device, of commands those after the one with this id. */
  async pending(deviceId: string, channels: readonly Channel[], afterCommand: number): Promise<PendingMessage[]> {
    const { rows } = await this.#pool.query<PendingMessage>(
      `SELECT id, channel, payload, expires_at FROM device_messages
        WHERE device_id = $1 AND channel = ANY ($2) AND expires_at > now()
          AND ((channel = 'errors' AND delivered_at IS NULL) OR (channel = 'cmd' AND acknowledged_at IS NULL AND id > $4))
        ORDER BY id LIMIT $3`,
      [deviceId, channels, BATCH, afterCommand],
    );
    return rows;
  }

  /** Devices for which messages wait, by id. Each half reads an index of its own. */
  async waitingDevices(afterId: string, limit: number): Promise<string[]> {
    const { rows } = await this.#pool.query<{ device_id: string }>(
      `SELECT device_id FROM (
         (SELECT device_id FROM device_messages
           WHERE channel = 'errors' AND delivered_at IS NULL AND expires_at > now() AND device_id > $1
           ORDER BY device_id LIMIT $2)
         UNION
         (SELECT DISTINCT device_id FROM device_messages
           WHERE channel = 'cmd' AND acknowledged_at IS NULL AND expires_at > now() AND device_id > $1
           ORDER BY device_id LIMIT $2)) AS waiting
        ORDER BY device_id LIMIT $2`,
      [afterId, limit],
    );
    return rows.map(({ device_id }) => device_id);
  }

  /** A command stays until its result is old; a delivered error report goes, unless errors have joined it meanwhile. */
  async markDelivered({ id, channel, payload }: PendingMessage, condition = "true"): Promise<void> {
    await (channel === "cmd"
      ? this.#pool.query(`UPDATE device_messages m SET delivered_at = now() WHERE id = $1 AND ${condition}`, [id])
      : this.#pool.query(`DELETE FROM device_messages m WHERE id = $1 AND payload = $2 AND ${condition}`, [
          id,
          JSON.stringify(payload),
        ]));
  }

  /** The same for a message that an account has acknowledged: of a device that connects itself the account has had a copy. */
  async markDeliveredToAccount(message: PendingMessage): Promise<void> {
    await this.markDelivered(message, NEVER_CONNECTED);
  }
}

const NEVER_CONNECTED = "NOT EXISTS (SELECT FROM device_connections c WHERE c.device_id = m.device_id)";
