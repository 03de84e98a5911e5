import { runProcess } from "../lifecycle.ts";
import { startPlatform } from "../supervisor.ts";

// The platform for real use: `npm start`.
await runProcess("supervisor", async (surroundings) => {
  const { urls } = await startPlatform(surroundings);
  surroundings.log.info(urls, "ready");
  return { urls };
});
