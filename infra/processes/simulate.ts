import { runSimulator } from "../../simulators/cli/main.ts";
import { npmScript } from "../config/config.ts";
import { firstAdministrator } from "../runtime/bootstrap-admin.ts";
import { readConfigOrExit } from "../runtime/lifecycle.ts";
import { watchNpm } from "../supervisor/parent-watch.ts";
import { startPlatformForScore } from "../demo/platform-for-score.ts";
import { isSupervised, onSupervisor, report } from "../supervisor/ipc.ts";

const ALONE_MS = 2_000;

// Simulated devices against any broker; `--help` lists the options. The demo runs it as a child.
if (isSupervised()) {
  const end = () => void process.emit("SIGINT");
  const gone = () => {
    end();
    // With the supervisor the platform is gone too: there is nobody left to hear of what is still under way.
    setTimeout(() => process.exit(1), ALONE_MS).unref();
  };
  onSupervisor({ stop: end, gone });
  report({ ready: {} });
} else {
  watchNpm(npmScript(), () => void process.emit("SIGINT"));
}
await runSimulator(process.argv.slice(2), {
  // Read when it is needed: a simulator elsewhere has no platform to be configured for.
  account: () => firstAdministrator(readConfigOrExit()),
  startPlatform: startPlatformForScore,
});
// The channel to the supervisor would keep the process alive.
if (process.connected) process.disconnect();
