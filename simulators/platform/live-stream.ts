import { pause } from "../run/pause.ts";

export interface LiveStreamOptions {
  /** of the API */
  url: string;
  topics: readonly string[];
  /** called before each connection */
  token: () => Promise<string>;
  /** called for each event with its topic and the current resources */
  onRows: (topic: string, rows: readonly unknown[]) => void;
  /** events were lost: the caller must read everything again */
  onReset: () => void;
  /** called when the connection ends unexpectedly */
  onDisconnect: (reason: string) => void;
  signal: AbortSignal;
}

const RETRY_MS = 1_000;

/** Follows `GET /stream` until `signal` aborts. After a disconnect it resumes with Last-Event-ID. */
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

/** Parses server-sent events (HTML Living Standard §9.2.6) whose lines end with LF. */
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
