import { runProcess } from "../runtime/lifecycle.ts";
import { startPlatform } from "../supervisor/supervisor.ts";

// The platform for real use: `npm start`.
await runProcess("supervisor", async (surroundings) => {
  const { urls } = await startPlatform(surroundings);
  surroundings.log.info(urls, "ready");
  return { urls };
});
