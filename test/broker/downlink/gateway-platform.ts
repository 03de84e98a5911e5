import { expect } from "vitest";
import { addAccount, addDevice, eventually, startPlatform, type TestPlatform } from "../platform.ts";
import { connectRaw, type Introduction, type RawClient } from "../raw-client.ts";

const GATEWAY = "gateway";

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A broker with the service account `gateway`, for messages of devices behind it. */
export class GatewayPlatform {
  readonly platform: TestPlatform;
  readonly #secrets = new Map<string, string>();
  readonly #clients: RawClient[] = [];

  private constructor(platform: TestPlatform) {
    this.platform = platform;
  }

  static async start(): Promise<GatewayPlatform> {
    const started = new GatewayPlatform(await startPlatform({ connectsPerMinute: 10_000, anonymousLoopback: true }));
    await started.account(GATEWAY, ["devices/+/cmd", "devices/+/errors"]);
    return started;
  }

  async account(id: string, subscribe: string[]): Promise<void> {
    const filters = { publish: ["devices/+/cmd/ack"], subscribe };
    this.#secrets.set(id, await addAccount(this.platform.pool, id, filters));
  }

  async device(id: string): Promise<void> {
    this.#secrets.set(id, await addDevice(this.platform.pool, id, 0));
  }

  /** Connects a device or account. */
  join(username: string, options: Introduction = {}): Promise<RawClient> {
    const password = this.#secrets.get(username)!;
    return this.connect({ clientId: username, username, password, ...options });
  }

  async connect(who: Introduction): Promise<RawClient> {
    const client = await eventually(async () => {
      const tried = await connectRaw(this.platform.port, who);
      return tried.returnCode === 0 && tried.client;
    });
    this.#clients.push(client);
    return client;
  }

  /** Connects the gateway, and subscribes. */
  async gateway(filters = ["devices/+/cmd"], options: Introduction = {}): Promise<RawClient> {
    const client = await this.join(GATEWAY, options);
    await subscribe(client, filters);
    return client;
  }

  /** Ends all connections and removes all messages. */
  async clear(): Promise<void> {
    for (const client of this.#clients.splice(0)) client.destroy();
    await eventually(() => this.platform.broker.connections() === 0);
    await this.platform.pool.query("DELETE FROM device_messages");
  }

  /** Adds a message for a device, and does not tell the broker. @returns its id */
  async putSilently(device: string, channel: "cmd" | "errors", payload: object = { type: "tare", args: {} }) {
    const { rows } = await this.platform.pool.query<{ id: number }>(
      `INSERT INTO device_messages (device_id, channel, payload, expires_at)
       VALUES ($1, $2, $3, now() + interval '1 hour') RETURNING id`,
      [device, channel, JSON.stringify(payload)],
    );
    return rows[0]!.id;
  }

  /** Adds a message for a device. @returns its id */
  async put(...message: Parameters<GatewayPlatform["putSilently"]>): Promise<number> {
    const id = await this.putSilently(...message);
    await this.notify(message[0]);
    return id;
  }

  async notify(device: string): Promise<void> {
    await this.platform.pool.query("SELECT pg_notify('device_messages', $1)", [device]);
  }

  async row(id: number): Promise<{ delivered_at: Date | null; result: unknown } | undefined> {
    const { rows } = await this.platform.pool.query<{ delivered_at: Date | null; result: unknown }>(
      "SELECT delivered_at, result FROM device_messages WHERE id = $1",
      [id],
    );
    return rows[0];
  }

  async isDelivered(id: number): Promise<boolean> {
    return (await this.row(id))?.delivered_at instanceof Date;
  }

  async isGone(id: number): Promise<boolean> {
    return (await this.row(id)) === undefined;
  }
}

export async function subscribe(client: RawClient, filters: string[], qos: 0 | 1 = 1): Promise<void> {
  client.send({ cmd: "subscribe", messageId: 1, subscriptions: filters.map((topic) => ({ topic, qos })) });
  expect(await client.next("suback")).toMatchObject({ granted: filters.map(() => qos) });
}

export interface Received {
  topic: string;
  qos: number;
  retain: boolean;
  messageId: number;
  payload: Buffer;
}

export const received = (client: RawClient): Received[] =>
  client.received.filter(({ cmd }) => cmd === "publish") as unknown as Received[];

/** The ids of the commands that a client has received, of one device or of all. */
export const commandIds = (client: RawClient, device = "+"): number[] =>
  received(client)
    .filter(({ topic }) => device === "+" || topic === `devices/${device}/cmd`)
    .map(({ payload }) => (JSON.parse(payload.toString()) as { id: number }).id);

export const next = async (client: RawClient): Promise<Received> =>
  (await client.next("publish")) as unknown as Received;

export const acknowledge = (client: RawClient, { messageId }: Received): void =>
  client.send({ cmd: "puback", messageId });

/** Receives the next message and sends PUBACK. */
export async function take(client: RawClient): Promise<Received> {
  const message = await next(client);
  acknowledge(client, message);
  return message;
}

export async function expectNothing(client: RawClient): Promise<void> {
  const before = received(client).length;
  await pause(200);
  expect(received(client).slice(before)).toEqual([]);
}
