import { type Mover, type MotionState, drawnAt, motionOf } from "./motion.ts";
import { type Box, label, markBox } from "./labels.ts";
import type { Paint } from "./paint.ts";
import { type Camera, type Point, type Size, toScreen } from "./projection.ts";

/** Names are drawn beside all trucks up to this many in view; beyond, beside the chosen one only. */
const NAMED_TRUCKS = 24;
/** A fading trail costs a dozen strokes a frame: with more trucks in view, only the chosen one has one. */
const TRAILED_TRUCKS = 60;
const RADIANS = Math.PI / 180;

// Shape says the state as well as colour: an arrow moves, a disc stands, a hollow disc is silent.
const ARROW = new Path2D("M0 -9 6.5 7 0 3.6 -6.5 7Z");
const DISC = new Path2D("M6 0A6 6 0 1 1 5.99 -0.01Z");

export interface Seen {
  mover: Mover;
  at: Point;
  state: MotionState;
}

export function trucksInView(
  movers: Iterable<Mover>,
  camera: Camera,
  size: Size,
  frameMs: number,
  now: number,
): Seen[] {
  const seen: Seen[] = [];
  for (const mover of movers) {
    const at = toScreen(camera, size, drawnAt(mover, frameMs));
    if (at.x < -30 || at.y < -30 || at.x > size.width + 30 || at.y > size.height + 30) continue;
    seen.push({ mover, at, state: motionOf(mover.position, now) });
  }
  return seen;
}

function drawTrail(
  canvas: CanvasRenderingContext2D,
  camera: Camera,
  size: Size,
  { mover, at }: Seen,
  colour: string,
  chosen: boolean,
): void {
  // The last fix is where the truck glides to; until it is there, the trail ends at the truck.
  const points = [...mover.trail.slice(0, -1).map((place) => toScreen(camera, size, place)), at];
  canvas.lineWidth = chosen ? 3 : 2;
  canvas.lineCap = "round";
  canvas.strokeStyle = colour;
  const pieces = 12;
  for (let piece = 0; piece < pieces; piece++) {
    const part = points.slice(
      Math.floor((piece * points.length) / pieces),
      Math.floor(((piece + 1) * points.length) / pieces) + 1,
    );
    if (part.length < 2) continue;
    canvas.globalAlpha = (chosen ? 0.95 : 0.5) * ((piece + 1) / pieces);
    canvas.beginPath();
    part.forEach(({ x, y }, index) => (index === 0 ? canvas.moveTo(x, y) : canvas.lineTo(x, y)));
    canvas.stroke();
  }
  canvas.globalAlpha = 1;
}

function drawTruck(canvas: CanvasRenderingContext2D, paint: Paint, { mover, at, state }: Seen, chosen: boolean): void {
  const { heading } = mover.position;
  const arrow = state === "moving" && heading !== null;
  const shape = arrow ? ARROW : DISC;
  canvas.save();
  canvas.translate(at.x, at.y);
  if (chosen) {
    canvas.beginPath();
    canvas.arc(0, 0, 15, 0, 2 * Math.PI);
    canvas.lineWidth = 2;
    canvas.strokeStyle = paint.accent;
    canvas.stroke();
  }
  if (arrow) canvas.rotate(heading * RADIANS);
  canvas.lineJoin = "round";
  canvas.lineWidth = 4;
  canvas.strokeStyle = paint.halo;
  canvas.stroke(shape);
  canvas.fillStyle = state === "silent" ? paint.halo : paint.truck[state];
  canvas.fill(shape);
  if (state === "silent") {
    canvas.lineWidth = 2;
    canvas.strokeStyle = paint.truck.silent;
    canvas.stroke(shape);
  }
  canvas.restore();
}

export function drawTrucks(
  canvas: CanvasRenderingContext2D,
  camera: Camera,
  size: Size,
  paint: Paint,
  trucks: readonly Seen[],
  chosenId: number | null,
  placeBoxes: readonly Box[],
): void {
  const isChosen = (truck: Seen) => truck.mover.vehicle.id === chosenId;
  const trailed = trucks.length <= TRAILED_TRUCKS ? trucks : trucks.filter(isChosen);
  for (const truck of trailed) drawTrail(canvas, camera, size, truck, paint.truck[truck.state], isChosen(truck));
  for (const truck of trucks) drawTruck(canvas, paint, truck, isChosen(truck));
  canvas.font = "11px system-ui, sans-serif";
  canvas.textAlign = "left";
  canvas.fillStyle = paint.ink;
  const taken = [...placeBoxes, ...trucks.map(({ at }) => markBox(at, 8))];
  for (const truck of trucks) {
    if (trucks.length > NAMED_TRUCKS && !isChosen(truck)) continue;
    label(canvas, size, paint, taken, truck.mover.vehicle.name, truck.at, isChosen(truck));
  }
}
