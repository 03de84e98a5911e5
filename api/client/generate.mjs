// Makes schema.d.ts of docs/api/openapi.json by openapi-typescript, which test/openapi-tools/ pins. Part of `npm run documents`.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");
const tools = join(root, "test", "openapi-tools");
const program = join(tools, "node_modules", "openapi-typescript", "bin", "cli.js");
const document = join(root, "docs", "api", "openapi.json");
const types = join(import.meta.dirname, "schema.d.ts");

if (!existsSync(program)) execFileSync("npm", ["ci", "--ignore-scripts", "--prefix", tools], { stdio: "inherit" });
execFileSync(process.execPath, [program, document, "--default-non-nullable=false", "--output", types], {
  stdio: "inherit",
});
const sha256 = createHash("sha256").update(readFileSync(document)).digest("hex");
// A test compares it with the document, so that it need not make the types again.
writeFileSync(types, `// Made of docs/api/openapi.json, sha256 ${sha256}\n${readFileSync(types, "utf8")}`);
