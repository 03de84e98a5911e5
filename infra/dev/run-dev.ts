import { openSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { environmentWith, isSet } from "../config/config.ts";
import { choosePorts } from "../demo/ports.ts";
import { migrate } from "../postgres/migrate.ts";
import { bootstrapAdmin } from "../runtime/bootstrap-admin.ts";
import type { ProcessContext } from "../runtime/lifecycle.ts";
import { projectFile } from "../runtime/project-file.ts";
import { SupervisedProcess } from "../supervisor/supervised-process.ts";
import { processFile, startPlatform } from "../supervisor/supervisor.ts";
import { chooseDashboardPort, startDashboardServer } from "./dashboard-server.ts";
import { devAdmin } from "./dev-admin.ts";
import { restartOnSave } from "./restart-on-save.ts";

/** Child processes run the TypeScript sources. */
const NODE_OPTIONS = ["--import", import.meta.resolve("tsx")];
const SOURCE_FOLDERS = ["broker", "ingest", "api", "simulators", "infra"];

export interface RunDevOptions {
  simulatorOptions: readonly string[];
  print: (line: string) => void;
}

/**
 * Starts the platform from its sources, simulated devices, and the dashboard with hot reload. A process restarts when a
 * file that it loads is saved; the embedded Postgres keeps running.
 * @returns the addresses of all listeners, by name
 */
export async function runDev(context: ProcessContext, options: RunDevOptions): Promise<Record<string, string>> {
  const { config, log, components } = context;
  const { simulatorOptions, print } = options;
  const { http } = config.listeners;
  if (http === undefined) throw new Error("HTTP_PORT is empty: the dashboard needs the API");
  await mkdir(config.dataDirectory, { recursive: true });
  const configuredAdmin = bootstrapAdmin(config);
  const admin = configuredAdmin ?? (await devAdmin(config.dataDirectory));
  const port = await chooseDashboardPort(http.host);
  const dashboardUrl = config.PUBLIC_URL ?? `http://${http.host}:${port}`;
  const environment = {
    DATA_DIR: config.dataDirectory,
    LOG_PRETTY: String(config.LOG_PRETTY),
    PUBLIC_URL: dashboardUrl,
    ADMIN_EMAIL: admin.email,
    ADMIN_PASSWORD: admin.password,
    ADMIN_PASSWORD_FILE: undefined,
    ...(await choosePorts(config, isSet, false, print)),
  };
  const platform = await startPlatform(context, { environment, nodeOptions: NODE_OPTIONS });
  const apiUrl = `${http.tls ? "https" : "http"}://${http.host}:${platform.ports["HTTP_PORT"]}`;

  const simulatorLog = join(config.dataDirectory, "simulator.log");
  const simulator = new SupervisedProcess(
    {
      name: "simulator",
      file: processFile("simulate"),
      arguments: [...simulatorOptions, "--url", platform.urls["mqtt"] ?? "", "--api", apiUrl, "--json"],
      environment: environmentWith({
        ...environment,
        DATABASE_URL: platform.databaseUrl,
        DATABASE_URL_FILE: undefined,
      }),
      nodeOptions: NODE_OPTIONS,
      // It logs every request that fails while the API restarts.
      output: openSync(simulatorLog, "a"),
      stopWithinMs: 2_000,
    },
    log,
  );
  components.register("simulator", simulator);
  await simulator.start();

  const processes = [...platform.processes, { name: "simulate", process: simulator }];
  const onChange = restartOnSave({
    processes: processes.map(({ name, process }) => ({
      name,
      file: processFile(name),
      restart: () => process.restart(),
    })),
    migrate: () => migrate(platform.databaseUrl, log),
    log,
  });
  const sourceFolders = SOURCE_FOLDERS.map(projectFile);
  const server = await startDashboardServer({ host: http.host, port, apiUrl, sourceFolders, onChange, log });
  components.register("dashboard server", server);

  print(`dashboard: ${dashboardUrl} (hot reload; the API itself: ${apiUrl})`);
  print(`sign in: ${admin.email}  password: ${configuredAdmin ? "as set in ADMIN_PASSWORD" : admin.password}`);
  print(`MQTT: ${platform.urls["mqtt"]}  simulator log: ${simulatorLog}  Ctrl-C stops everything`);
  return { ...platform.urls, dashboard: dashboardUrl };
}
