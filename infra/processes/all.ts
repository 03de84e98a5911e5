import { runProcess } from "../runtime/lifecycle.ts";
import { startPlatform } from "../supervisor/supervisor.ts";

// The platform for real use: `npm start`.
await runProcess("supervisor", async (context) => {
  const { urls } = await startPlatform(context);
  context.log.info(urls, "ready");
  return { urls };
});
