// A device that publishes and waits for each PUBACK: `bystander-program.ts PORT PASSWORD`. It is a process of its own, so that
// load made in the test's process does not slow its clock. It answers an IPC message with a `BystanderReport`; after the
// message "stop" it publishes no more, answers when nothing is in flight, and ends.
import { setTimeout as sleep } from "node:timers/promises";
import { connectRaw, publishPacket, type RawClient } from "../broker/raw-client.ts";
import { startAwakeClock } from "./awake-clock.ts";
import type { BystanderReport } from "./bystander.ts";

const PAUSE_MS = 20;

const [port, password] = process.argv.slice(2);
if (port === undefined || password === undefined) throw new Error("usage: bystander-program.ts PORT PASSWORD");

/** The broker hears of a new device a moment after it was registered. */
async function join(): Promise<RawClient> {
  for (;;) {
    const who = { clientId: "bystander", username: "bystander", password: password! };
    const { client, returnCode } = await connectRaw(Number(port), who);
    if (returnCode === 0) return client;
    client.destroy();
    await sleep(100);
  }
}

const now = startAwakeClock();
let acknowledged = 0;
let slowestMs = 0;
let sentAt: number | undefined;
let isStopping = false;

const report = (): void => {
  const pendingMs = sentAt === undefined ? 0 : now() - sentAt;
  process.send?.({ acknowledged, slowestMs: Math.max(slowestMs, pendingMs) } satisfies BystanderReport);
  slowestMs = 0;
};
process.on("message", (message) => {
  if (message === "stop") isStopping = true;
  else report();
});
process.once("disconnect", () => process.exit());

const client = await join();
process.send?.("connected");
while (!isStopping) {
  const messageId = (acknowledged % 60_000) + 1;
  sentAt = now();
  client.send(publishPacket("devices/bystander/gps", "{}", 1, messageId));
  const answer = await client.next("puback", 60_000);
  slowestMs = Math.max(slowestMs, now() - sentAt);
  sentAt = undefined;
  if (answer.cmd !== "puback" || answer.messageId !== messageId) throw new Error(`answered ${JSON.stringify(answer)}`);
  acknowledged++;
  await sleep(PAUSE_MS);
}
report();
client.destroy();
process.disconnect();
