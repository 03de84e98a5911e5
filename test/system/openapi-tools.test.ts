import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openApiTools } from "../support/openapi-tools.ts";
import { type ServedApi, serveApi } from "../support/served-api.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");
const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
const tools = await openApiTools();

let api: ServedApi;
let folder: string;
beforeAll(async () => {
  api = await serveApi();
  folder = await mkdtemp(join(tmpdir(), "waystock-tools-"));
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
}, 60_000);
afterAll(async () => {
  await api?.close();
  await rm(folder, { recursive: true, force: true });
});

const tool = (...path: string[]): string => join(tools!, "node_modules", ...path);

/** Compiles `file` of the folder strictly. @throws with the compiler's complaints */
async function compile(file: string): Promise<void> {
  const types = ["--typeRoots", join(root, "node_modules", "@types"), "--types", "node", "--strict"];
  const target = ["--module", "nodenext", "--target", "es2022", "--lib", "es2023,dom,dom.iterable"];
  await run(process.execPath, [tsc, file, ...target, ...types], { cwd: folder }).catch(
    ({ stdout }: { stdout: string }) => expect(stdout, "the compiler's complaints").toBe(""),
  );
}

test.runIf(tools)(
  "openapi-typescript makes exactly the client's types of the committed document",
  async () => {
    const made = join(folder, "schema.d.ts");
    const document = join(root, "docs", "api", "openapi.json");
    const program = tool("openapi-typescript", "bin", "cli.js");
    await run(process.execPath, [program, document, "--default-non-nullable=false", "--output", made]);
    const committed = await readFile(join(root, "api", "client", "schema.d.ts"), "utf8");
    expect(committed.slice(committed.indexOf("\n") + 1) === (await readFile(made, "utf8"))).toBe(true);
  },
  120_000,
);

const ORVAL_PROGRAM = `
import { getShipmentsId, postShipments, putShipmentsId } from "./orval.js";

const [url, token] = process.argv.slice(2);
const plain = globalThis.fetch;
globalThis.fetch = (path, init) =>
  plain(new URL(String(path), url), { ...init, headers: { ...init?.headers, Authorization: \`Bearer \${token}\` } });
const created = await postShipments({ product_name: "Product B", quantity: 50, location: "storage" });
if (created.status !== 201) throw new Error(String(created.status));
const { id } = created.data;
const read = await getShipmentsId(id);
const changed = await putShipmentsId(id, { status: "in_transit" });
if (read.status !== 200 || changed.status !== 200) throw new Error(\`\${read.status} \${changed.status}\`);
console.log(JSON.stringify({ read: read.data.quantity, status: changed.data.status }));
`;

test.runIf(tools).each(["openapi.json", "openapi-3.0.json"])(
  "Orval makes a client of %s that compiles, and creates, reads and changes",
  async (name) => {
    const output = join(folder, "orval.ts");
    const document = join(root, "docs", "api", name);
    const program = tool("orval", "dist", "bin", "orval.js");
    await run(process.execPath, [program, "--input", document, "--output", output, "--client", "fetch"], {
      cwd: folder,
    });
    await writeFile(join(folder, "program.ts"), ORVAL_PROGRAM);
    await compile("program.ts");
    const token = await api.tokenOf("operator");
    const { stdout } = await run(process.execPath, ["program.js", api.url, token], { cwd: folder });
    expect(JSON.parse(stdout)).toEqual({ read: 50, status: "in_transit" });
  },
  120_000,
);
