import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { requires } from "./requires.ts";

const run = promisify(execFile);

/** Programs that read printed codes without any part of ours; undefined where one is missing. */
export function findBarcodeReader(): { zbarimg: string; pdftoppm: string } | undefined {
  const [zbarimg, pdftoppm] = [requires("zbarimg"), requires("pdftoppm")];
  return zbarimg !== undefined && pdftoppm !== undefined ? { zbarimg, pdftoppm } : undefined;
}

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** What a scanner reads from a label, sorted: each code once. */
export async function scan(
  format: "svg" | "zpl" | "pdf",
  file: Uint8Array,
  { zbarimg, pdftoppm }: { zbarimg: string; pdftoppm: string },
) {
  const folder = await mkdtemp(join(tmpdir(), "waystock-label-"));
  try {
    const image = join(folder, "label.pgm");
    if (format === "pdf") {
      await writeFile(join(folder, "label.pdf"), file);
      await run(pdftoppm, ["-gray", "-r", "300", "-singlefile", join(folder, "label.pdf"), join(folder, "label")]);
    } else {
      const text = Buffer.from(file).toString();
      const boxes = format === "svg" ? boxesOfSvg(text) : boxesOfZpl(text);
      await writeFile(image, imageOf(boxes));
    }
    expectImage(await readFile(image));
    const { stdout } = await run(zbarimg, ["--quiet", "--raw", image]);
    return stdout.trim().split("\n").sort();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A rectangle per move and three lines, as the label's path has them. */
const boxesOfSvg = (svg: string): Box[] =>
  Array.from(svg.matchAll(/M(\d+) (\d+)h(\d+)v(\d+)h-\d+z/g), ([, x, y, width, height]) => boxOf(x, y, width, height));

/** Every filled box (^GB). */
const boxesOfZpl = (zpl: string): Box[] =>
  Array.from(zpl.matchAll(/\^FO(\d+),(\d+)\^GB(\d+),(\d+),\d+\^FS/g), ([, x, y, width, height]) =>
    boxOf(x, y, width, height),
  );

const boxOf = (...numbers: (string | undefined)[]): Box => {
  const [x, y, width, height] = numbers.map(Number) as [number, number, number, number];
  return { x, y, width, height };
};

/** Dark boxes on white, as a PGM with a border. */
function imageOf(boxes: readonly Box[]): Buffer {
  const [border, scale] = [40, 2];
  const width = (Math.max(...boxes.map((box) => box.x + box.width)) + border) * scale;
  const height = (Math.max(...boxes.map((box) => box.y + box.height)) + border) * scale;
  const pixels = Buffer.alloc(width * height, 255);
  for (const box of boxes) {
    for (let y = box.y * scale; y < (box.y + box.height) * scale; y += 1)
      pixels.fill(0, y * width + box.x * scale, y * width + (box.x + box.width) * scale);
  }
  return Buffer.concat([Buffer.from(`P5\n${width} ${height}\n255\n`), pixels]);
}

function expectImage(image: Buffer): void {
  if (!image.subarray(0, 2).equals(Buffer.from("P5"))) throw new Error("the label was not drawn");
}
