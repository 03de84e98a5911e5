import { pause } from "../run/pause.ts";

export interface LiveStreamOptions {
  /** of the API */
  url: string;
  topics: readonly string[];
  /** read before each connection */
  token: () => Promise<string>;
  /** told of each event: its topic, and the resources as they are now */
  onRows: (topic: string, rows: readonly unknown[]) => void;
  /** events were missed that will not come again: everything is to be read anew */
  onReset: () => void;
  /** told of every end of the connection that was not asked for */
  onDisconnect: (reason: string) => void;
  signal: AbortSignal;
}

const RETRY_MS = 1_000;

/** Follows `GET /stream` as the dashboard does, until `signal` aborts; comes back where it left off when it is cut. */
export async function followStream(options: LiveStreamOptions): Promise<void> {
  const { url, topics, token, onDisconnect, signal } = options;
  const address = new URL(`/stream?topics=${topics.join(",")}`, url);
  let lastId: string | undefined;
  while (!signal.aborted) {
    try {
      const resume: Record<string, string> = lastId === undefined ? {} : { "Last-Event-ID": lastId };
      const headers = { Authorization: `Bearer ${await token()}`, Accept: "text/event-stream", ...resume };
      const response = await fetch(address, { headers, signal });
      if (!response.ok || !response.body) throw new Error(`GET /stream: ${response.status}`);
      for await (const event of parseEvents(response.body)) {
        lastId = event.id ?? lastId;
        if (event.name === "reset") options.onReset();
        else if (topics.includes(event.name)) options.onRows(event.name, JSON.parse(event.data) as unknown[]);
      }
      onDisconnect("the live stream ended");
    } catch (error) {
      if (!signal.aborted) onDisconnect((error as Error).message);
    }
    await pause(RETRY_MS, signal);
  }
}

interface StreamEvent {
  name: string;
  data: string;
  id: string | undefined;
}

/** Server-sent events (HTML Living Standard §9.2.6), of a sender that ends lines with LF. */
async function* parseEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<StreamEvent> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of body) {
    const blocks = (rest + decoder.decode(bytes, { stream: true })).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const event: StreamEvent = { name: "message", data: "", id: undefined };
      for (const line of block.split("\n")) {
        const [, field = "", value = ""] = /^(\w+): ?(.*)$/.exec(line) ?? [];
        if (field === "event") event.name = value;
        else if (field === "id") event.id = value;
        else if (field === "data") event.data += value;
      }
      if (event.data !== "") yield event;
    }
  }
}
