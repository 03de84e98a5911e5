/**
 * A process that appends numbered messages as fast as the journal accepts them, 1,000 in flight, and prints the highest
 * acknowledged number at least every 100 messages. Arguments: directory, name of this run, how many messages (default:
 * until killed).
 */
import { pino } from "pino";
import { openJournalWriter } from "../../broker/journal/segment-writer.ts";

const IN_FLIGHT = 1000;
const [directory = "", run = "", limit = "Infinity"] = process.argv.slice(2);
const log = pino({ level: "warn" }, pino.destination(2));
const writer = await openJournalWriter({ directory, maxBytes: 4e9, log, segmentBytes: 4 * 1024 * 1024 });
const last = Number(limit);
let sent = 0;
let acknowledged = 0;
let printed = 0;

function send(): void {
  const number = (sent += 1);
  const payload = Buffer.from(`${run}:${number}`.padEnd(200));
  writer.append({ receivedAt: Date.now(), clientId: "truck-1", topic: "devices/truck-1/gps", payload }, (error) => {
    if (error) throw error;
    if (number !== acknowledged + 1) throw new Error(`acknowledged ${number} after ${acknowledged}`);
    acknowledged = number;
    if (sent < last) send();
    else if (acknowledged === last) void writer.close();
    if (printed === 0 || acknowledged - printed >= 100 || acknowledged === last) print();
  });
}

function print(): void {
  printed = acknowledged;
  // Synchronous for a pipe, and waits for a slow reader: writeSync would throw EAGAIN.
  process.stdout.write(`${printed}\n`);
}

for (let index = 0; index < Math.min(IN_FLIGHT, last); index += 1) send();
