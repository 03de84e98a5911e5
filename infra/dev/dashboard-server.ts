import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Logger } from "pino";
import { createServer, type Logger as ViteLogger } from "vite";
import { freePort, isPortFree } from "../runtime/free-port.ts";
import { projectFile } from "../runtime/project-file.ts";

const DEFAULT_PORT = 5173;

export interface DashboardServerOptions {
  host: string;
  port: number;
  /** requests for anything but a file of the dashboard go there */
  apiUrl: string;
  /** folders to watch besides the dashboard */
  sourceFolders: readonly string[];
  /** receives the absolute path of every added, changed or removed file */
  onChange: (path: string) => void;
  log: Logger;
}

/** Vite's usual port, or a free one if it is in use. */
export async function chooseDashboardPort(host: string): Promise<number> {
  return (await isPortFree({ host, port: DEFAULT_PORT })) ? DEFAULT_PORT : freePort(host);
}

/** Serves the dashboard's sources with hot reload, in front of the API. */
export async function startDashboardServer(options: DashboardServerOptions): Promise<{ close(): Promise<void> }> {
  const { host, port, apiUrl, sourceFolders, onChange, log } = options;
  const configFile = projectFile("api/dashboard/vite.config.ts");
  const root = dirname(configFile);
  const isDashboardFile = (path: string) =>
    path === "/" || path.startsWith("/@") || path.startsWith("/node_modules/") || isFile(join(root, path));
  const server = await createServer({
    configFile,
    cacheDir: join(root, "..", "..", ".build", "vite"),
    customLogger: viteLogger(log),
    server: {
      host,
      port,
      strictPort: true,
      proxy: {
        "^/": {
          target: apiUrl,
          secure: false,
          bypass: ({ url = "/" }) => (isDashboardFile(new URL(url, "http://dashboard").pathname) ? url : undefined),
        },
      },
    },
  });
  server.watcher.on("all", (_event, path) => onChange(path));
  server.watcher.add([...sourceFolders]);
  await server.listen();
  return server;
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

/** Vite's messages as lines of our log. */
function viteLogger(log: Logger): ViteLogger {
  const vite = log.child({ child: "vite" });
  const warned = new Set<string>();
  const logger: ViteLogger = {
    hasWarned: false,
    info: (message) => vite.info(message),
    warn: (message) => {
      logger.hasWarned = true;
      vite.warn(message);
    },
    warnOnce: (message) => {
      if (!warned.has(message)) logger.warn(message);
      warned.add(message);
    },
    error: (message) => vite.error(message),
    clearScreen: () => undefined,
    hasErrorLogged: () => false,
  };
  return logger;
}
