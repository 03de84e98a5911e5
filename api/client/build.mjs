// Makes dist/: one JavaScript file with all that it needs, its types, and the licences of what is in it.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { build } from "vite";

const here = import.meta.dirname;
const dist = join(here, "dist");
const directoryOf = (name) => {
  const file = createRequire(import.meta.url).resolve(name);
  return file.slice(0, file.lastIndexOf(join("node_modules", name)) + join("node_modules", name).length);
};
const fetchDirectory = directoryOf("openapi-fetch");
const helpersDirectory = join(dirname(fetchDirectory), "openapi-typescript-helpers");
const typescript = join(directoryOf("typescript"), "bin", "tsc");

rmSync(dist, { recursive: true, force: true });
await build({
  configFile: false,
  root: here,
  logLevel: "warn",
  build: {
    outDir: dist,
    minify: false,
    target: "es2022",
    lib: { entry: join(here, "index.ts"), formats: ["es"], fileName: "index" },
  },
});
execFileSync(
  process.execPath,
  [
    typescript,
    join(here, "index.ts"),
    ...["--ignoreConfig", "--declaration", "--emitDeclarationOnly", "--outDir", dist, "--strict", "--skipLibCheck"],
    ...["--target", "es2022", "--lib", "es2022,dom,dom.iterable", "--module", "nodenext", "--types", ""],
    ...["--allowImportingTsExtensions"],
  ],
  { stdio: ["ignore", 2, 2] },
);

/** Copies types, with the packages that they import as neighbours. */
function copyTypes(from, to) {
  const text = readFileSync(from, "utf8").replaceAll(
    /(["'])(openapi-fetch|openapi-typescript-helpers)\1/g,
    '"./$2.js"',
  );
  writeFileSync(join(dist, to), text.replaceAll('"./schema.d.ts"', '"./schema.js"'));
}
copyTypes(join(dist, "index.d.ts"), "index.d.ts");
copyTypes(join(here, "schema.d.ts"), "schema.d.ts");
copyTypes(join(fetchDirectory, "dist", "index.d.mts"), "openapi-fetch.d.ts");
copyTypes(join(helpersDirectory, "dist", "index.d.mts"), "openapi-typescript-helpers.d.ts");
mkdirSync(join(dist, "licenses"));
cpSync(join(fetchDirectory, "LICENSE"), join(dist, "licenses", "openapi-fetch.txt"));
cpSync(join(helpersDirectory, "LICENSE"), join(dist, "licenses", "openapi-typescript-helpers.txt"));
