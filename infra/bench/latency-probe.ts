import type { Truck } from "./load/truck.ts";
import { Latencies } from "./load/latencies.ts";

export interface LatencyProbe {
  /** from publish until a response of the API, or an event of its stream, shows the reading or a newer one */
  api: Latencies;
  stream: Latencies;
  close(): Promise<void>;
}

export interface LatencyProbeOptions {
  apiUrl: string;
  token: string;
  /** trucks by the id of the vehicle they are mounted on */
  watched: ReadonlyMap<number, Truck>;
}

interface Position {
  vehicle_id: number;
  ts: string;
}

const POLL_MS = 5;

/** Observes the platform as its users do: polls one vehicle and reads the live stream. */
export function startLatencyProbe({ apiUrl, token, watched }: LatencyProbeOptions): LatencyProbe {
  const headers = { authorization: `Bearer ${token}` };
  const closing = new AbortController();
  const { signal } = closing;
  const [api, stream] = [new Latencies(), new Latencies()];
  for (const truck of watched.values()) truck.sentAt = new Map();

  /** Records the latency of each reading once. */
  const recorder = (latencies: Latencies) => {
    const seen = new Map<number, number>();
    return (vehicleId: number, ts: number) => {
      const sentAt = watched.get(vehicleId)?.sentAt?.get(ts);
      if (sentAt === undefined || seen.get(vehicleId) === ts) return;
      seen.set(vehicleId, ts);
      latencies.add(performance.now() - sentAt);
    };
  };

  async function poll(): Promise<void> {
    const seen = recorder(api);
    const [vehicleId] = watched.keys();
    while (!signal.aborted) {
      const answer = await fetch(`${apiUrl}/vehicles/${vehicleId}`, { headers, signal });
      if (!answer.ok) throw new Error(`GET /vehicles/${vehicleId} answered ${answer.status}`);
      const { position } = (await answer.json()) as { position: { ts: string } | null };
      if (position) seen(vehicleId!, Date.parse(position.ts));
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  async function listen(): Promise<void> {
    const seen = recorder(stream);
    const answer = await fetch(`${apiUrl}/stream?topics=positions`, { headers, signal });
    if (!answer.ok || !answer.body) throw new Error(`GET /stream answered ${answer.status}`);
    let text = "";
    const decoder = new TextDecoder();
    for await (const chunk of answer.body) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      const events = text.split("\n\n");
      text = events.pop() ?? "";
      for (const event of events) {
        const data = /^data: (\[.*)$/m.exec(event)?.[1];
        if (data === undefined) continue;
        for (const { vehicle_id, ts } of JSON.parse(data) as Position[]) seen(vehicle_id, Date.parse(ts));
      }
    }
  }

  let failure: unknown;
  const working = [poll(), listen()].map((work) =>
    work.catch((error: unknown) => {
      if (!signal.aborted) failure ??= error;
    }),
  );
  return {
    api,
    stream,
    async close() {
      closing.abort();
      await Promise.all(working);
      for (const truck of watched.values()) truck.sentAt = undefined;
      if (failure) throw failure as Error;
    },
  };
}
