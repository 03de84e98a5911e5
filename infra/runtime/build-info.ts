import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { projectFile } from "./project-file.ts";

const description = projectFile("package.json");

/** The version of this build. */
export const version = (JSON.parse(readFileSync(description, "utf8")) as { version: string }).version;

/** How to connect devices: the page that `/docs/devices` shows; undefined when it is not installed. */
export const deviceGuide = readIfThere(join(dirname(description), "docs", "devices.md"));

function readIfThere(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

const dashboard = join(dirname(description), ".build", "dashboard");

/** The folder with the built dashboard (see build.mjs); undefined when only its sources are there (`npm run dev`). */
export const dashboardDirectory = existsSync(dashboard) ? dashboard : undefined;
