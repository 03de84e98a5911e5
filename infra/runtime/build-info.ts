import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { projectFile } from "./project-file.ts";

const description = projectFile("package.json");

/** The version of this build. */
export const version = (JSON.parse(readFileSync(description, "utf8")) as { version: string }).version;

/** The folder with the built dashboard (see build.mjs). */
export const dashboardDirectory = join(dirname(description), ".build", "dashboard");
