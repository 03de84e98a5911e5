import { runSimulator } from "../../simulators/cli/main.ts";
import { npmScript } from "../config/config.ts";
import { bootstrapAdmin } from "../runtime/bootstrap-admin.ts";
import { readConfigOrExit } from "../runtime/lifecycle.ts";
import { watchNpmParent } from "../supervisor/parent-watch.ts";
import { startScorePlatform } from "../demo/score-platform.ts";
import { isSupervised, onSupervisorEvents, sendToSupervisor } from "../supervisor/ipc.ts";

const ALONE_MS = 2_000;

// Simulated devices against any broker; `--help` lists the options. The demo runs it as a child.
if (isSupervised()) {
  const end = () => void process.emit("SIGINT");
  const disconnected = () => {
    end();
    // With the supervisor the platform is disconnected too: there is nobody left to hear of what is still under way.
    setTimeout(() => process.exit(1), ALONE_MS).unref();
  };
  onSupervisorEvents({ stop: end, disconnected });
  sendToSupervisor({ ready: {} });
} else {
  watchNpmParent(npmScript(), () => void process.emit("SIGINT"));
}
await runSimulator(process.argv.slice(2), {
  // Read when it is needed: a simulator elsewhere has no platform to be configured for.
  account: () => bootstrapAdmin(readConfigOrExit()),
  startPlatform: startScorePlatform,
});
// The channel to the supervisor would keep the process alive.
if (process.connected) process.disconnect();
