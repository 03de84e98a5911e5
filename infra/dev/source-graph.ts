import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** Relative imports that exist at run time, so not `import type`. */
const IMPORT = /^(?:import|export)(?! type\b)[^;]*? from "(\.[^"]+)"|^import "(\.[^"]+)"|\bimport\("(\.[^"]+)"\)/gm;

/** The absolute paths of `entry` and of every source file that it loads. A file that cannot be read is listed too. */
export function sourceFiles(entry: string): ReadonlySet<string> {
  const files = new Set([entry]);
  for (const file of files) {
    for (const [, from, bare, dynamic] of readText(file).matchAll(IMPORT)) {
      files.add(resolve(dirname(file), from ?? bare ?? dynamic ?? ""));
    }
  }
  return files;
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
