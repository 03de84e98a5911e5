import type { JournalMessage } from "../../broker/journal/journal.ts";
import type { Entry } from "./read-journal.ts";

const grouped = (value: number): string => value.toLocaleString("en-US");
const isoTime = (epochMs: number): string => new Date(epochMs).toISOString();

/** An entry as lines for people. */
export function formatText(entry: Entry): string {
  switch (entry.type) {
    case "journal":
      return `journal ${entry.id} in ${entry.directory}: ${entry.segments} segments, ${grouped(entry.bytes)} bytes`;
    case "segment": {
      const first = entry.firstSequence === undefined ? "header damaged" : `first frame ${entry.firstSequence}`;
      return `segment ${entry.segment}  ${entry.path}  ${grouped(entry.bytes)} bytes  ${first}`;
    }
    case "frame": {
      const received = isoTime(entry.messages[0]?.receivedAt ?? 0);
      const size = `${entry.messages.length} messages  ${grouped(entry.bytes)} bytes at ${entry.segment}:${entry.offset}`;
      return [`frame ${entry.sequence}  ${received}  ${size}  CRC ok`, ...entry.messages.map(messageLine)].join("\n");
    }
    case "damage": {
      const { segment, fromOffset, toOffset, reason } = entry;
      return `DAMAGE  segment ${segment}, bytes ${fromOffset} to ${toOffset}: ${reason}`;
    }
    case "tail": {
      const { segment, offset, bytes } = entry;
      return `tail  segment ${segment}, ${grouped(bytes)} bytes at ${offset} are no whole frame: being written, or cut short`;
    }
    case "end":
      return `end  ${grouped(entry.frames)} frames, ${grouped(entry.messages)} messages, ${grouped(entry.damages)} damages`;
  }
}

function messageLine({ receivedAt, clientId, topic, payload }: JournalMessage): string {
  const text = textOf(payload);
  const shown = text === undefined ? `hex ${payload.toString("hex")}` : text.replace(/[\r\n\t]+/g, " ");
  return `  ${isoTime(receivedAt)}  ${clientId}  ${topic}  ${shown}`;
}

/** An entry as one line of JSON. */
export function formatJson(entry: Entry): string {
  switch (entry.type) {
    case "segment": {
      const { type, segment, path, bytes, firstSequence = null } = entry;
      return JSON.stringify({ type, segment, path, bytes, first_sequence: firstSequence });
    }
    case "frame":
      return JSON.stringify({ ...entry, crc_ok: true, messages: entry.messages.map(messageJson) });
    case "damage": {
      const { type, segment, fromOffset, toOffset, reason } = entry;
      return JSON.stringify({ type, segment, from_offset: fromOffset, to_offset: toOffset, reason });
    }
    default:
      return JSON.stringify(entry);
  }
}

function messageJson({ receivedAt, clientId, topic, payload }: JournalMessage): object {
  const text = textOf(payload);
  const content = text === undefined ? { payload_hex: payload.toString("hex") } : { payload: text };
  return { received_at: isoTime(receivedAt), client: clientId, topic, ...content };
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** The payload as text; undefined when it is no UTF-8 or contains control characters other than white space. */
function textOf(payload: Buffer): string | undefined {
  try {
    const text = utf8.decode(payload);
    return /[^\P{Cc}\t\r\n]/u.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}
