import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeFileAtomically } from "../../../broker/journal/atomic-file.ts";

test("a file is replaced as a whole, with its permissions, and nothing is left beside it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "waystock-atomic-"));
  try {
    const path = join(folder, "state.json");
    await writeFileAtomically(path, "a longer first content", 0o600);
    await writeFileAtomically(path, "second", 0o600);
    expect(await readFile(path, "utf8")).toBe("second");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(["state.json"]);
    await expect(writeFileAtomically(join(folder, "missing", "state.json"), "x")).rejects.toThrow("ENOENT");
  } finally {
    await rm(folder, { recursive: true });
  }
});
