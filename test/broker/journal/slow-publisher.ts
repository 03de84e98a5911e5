/**
 * A process that appends one message after the other and prints for each whether it was stored, and the state of the
 * journal, until the given number of messages has been stored after a refusal. Arguments: directory, that number.
 */
import { writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { openJournalWriter } from "../../../broker/journal/segment-writer.ts";

const [directory = "", wanted = ""] = process.argv.slice(2);
const log = pino({ level: "silent" });
const writer = await openJournalWriter({ directory, maxBytes: 1e8, log });
let storedAfter = -1;
for (let number = 1; storedAfter < Number(wanted); number += 1) {
  const message = {
    receivedAt: Date.now(),
    clientId: "probe-1",
    topic: "devices/probe-1/env",
    payload: Buffer.from(String(number)),
  };
  const error = await new Promise<Error | null>((resolve) => writer.append(message, resolve));
  writeSync(1, `${error ? "refused" : "stored"} ${number} ${writer.state}\n`);
  if (error) storedAfter = 0;
  else if (storedAfter >= 0) storedAfter += 1;
  // After a refusal, retry as often as a device would.
  await sleep(error ? 100 : 1);
}
await writer.close();
