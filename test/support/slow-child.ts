import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { onSupervisorEvents } from "../../infra/supervisor/ipc.ts";

// A child that is still loading when its supervisor is killed: `disconnected` must be called all the same.
const [file] = process.argv.slice(2);
while (process.connected) await sleep(10);
await sleep(100);
onSupervisorEvents({ stop: () => undefined, disconnected: () => writeFileSync(file!, "disconnected") });
