import { runSimulator } from "../../simulators/cli/main.ts";
import { npmScript } from "../config/config.ts";
import { bootstrapAdmin } from "../runtime/bootstrap-admin.ts";
import { readConfigOrExit } from "../runtime/lifecycle.ts";
import { watchNpmParent } from "../supervisor/parent-watch.ts";
import { startScorePlatform } from "../demo/score-platform.ts";
import { isSupervised, onSupervisorEvents, sendToSupervisor } from "../supervisor/ipc.ts";

for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

const EXIT_AFTER_MS = 2_000;

// Simulated devices against any broker; `--help` lists the options. The demo runs it as a child.
if (isSupervised()) {
  const stop = () => void process.emit("SIGINT");
  const disconnected = () => {
    stop();
    // The platform has died with the supervisor: no PUBACK will come for the messages in flight.
    setTimeout(() => process.exit(1), EXIT_AFTER_MS).unref();
  };
  onSupervisorEvents({ stop, disconnected });
  sendToSupervisor({ ready: {} });
} else {
  watchNpmParent(npmScript(), () => void process.emit("SIGINT"));
}
await runSimulator(process.argv.slice(2), {
  // Read only when needed: on another machine there may be no platform configuration to read.
  account: () => bootstrapAdmin(readConfigOrExit()),
  startPlatform: startScorePlatform,
});
// The IPC channel to the supervisor, and requests of an interrupted run, would keep the process alive.
process.stdout.write("", () => process.exit());
