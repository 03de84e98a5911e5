import { type TruckMarker, type MotionState, interpolatedPlace, motionOf } from "./truck-markers.ts";
import { type Box, placeLabel, boxAround } from "./label-placement.ts";
import type { MapColours } from "./colours.ts";
import { type Camera, type Point, type Size, toScreen } from "./projection.ts";

/** With more trucks than this in view, only the selected one has a name. */
const MAX_LABELLED_TRUCKS = 24;
/** With more trucks than this in view, only the selected one has a trail: each trail costs 12 strokes per frame. */
const MAX_TRAILED_TRUCKS = 60;
const RADIANS = Math.PI / 180;

// The shape shows the state without colour: arrow = moving, disc = standing, hollow disc = silent.
const ARROW = new Path2D("M0 -9 6.5 7 0 3.6 -6.5 7Z");
const DISC = new Path2D("M6 0A6 6 0 1 1 5.99 -0.01Z");

export interface VisibleTruck {
  marker: TruckMarker;
  at: Point;
  state: MotionState;
}

export function trucksInView(
  markers: Iterable<TruckMarker>,
  camera: Camera,
  size: Size,
  frameMs: number,
  now: number,
): VisibleTruck[] {
  const seen: VisibleTruck[] = [];
  for (const marker of markers) {
    const at = toScreen(camera, size, interpolatedPlace(marker, frameMs));
    if (at.x < -30 || at.y < -30 || at.x > size.width + 30 || at.y > size.height + 30) continue;
    seen.push({ marker, at, state: motionOf(marker.position, now) });
  }
  return seen;
}

function drawTrail(
  canvas: CanvasRenderingContext2D,
  camera: Camera,
  size: Size,
  { marker, at }: VisibleTruck,
  colour: string,
  chosen: boolean,
): void {
  // The last fix is the target of the animation. Until the truck is there, the trail ends at the truck.
  const points = [...marker.trail.slice(0, -1).map((place) => toScreen(camera, size, place)), at];
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

function drawTruck(
  canvas: CanvasRenderingContext2D,
  colours: MapColours,
  { marker, at, state }: VisibleTruck,
  chosen: boolean,
): void {
  const { heading } = marker.position;
  const arrow = state === "moving" && heading !== null;
  const shape = arrow ? ARROW : DISC;
  canvas.save();
  canvas.translate(at.x, at.y);
  if (chosen) {
    canvas.beginPath();
    canvas.arc(0, 0, 15, 0, 2 * Math.PI);
    canvas.lineWidth = 2;
    canvas.strokeStyle = colours.accent;
    canvas.stroke();
  }
  if (arrow) canvas.rotate(heading * RADIANS);
  canvas.lineJoin = "round";
  canvas.lineWidth = 4;
  canvas.strokeStyle = colours.halo;
  canvas.stroke(shape);
  canvas.fillStyle = state === "silent" ? colours.halo : colours.truck[state];
  canvas.fill(shape);
  if (state === "silent") {
    canvas.lineWidth = 2;
    canvas.strokeStyle = colours.truck.silent;
    canvas.stroke(shape);
  }
  canvas.restore();
}

export function drawTrucks(
  canvas: CanvasRenderingContext2D,
  camera: Camera,
  size: Size,
  colours: MapColours,
  trucks: readonly VisibleTruck[],
  chosenId: number | null,
  placeBoxes: readonly Box[],
): void {
  const isChosen = (truck: VisibleTruck) => truck.marker.vehicle.id === chosenId;
  const trailed = trucks.length <= MAX_TRAILED_TRUCKS ? trucks : trucks.filter(isChosen);
  for (const truck of trailed) drawTrail(canvas, camera, size, truck, colours.truck[truck.state], isChosen(truck));
  for (const truck of trucks) drawTruck(canvas, colours, truck, isChosen(truck));
  canvas.font = "11px system-ui, sans-serif";
  canvas.textAlign = "left";
  canvas.fillStyle = colours.ink;
  const taken = [...placeBoxes, ...trucks.map(({ at }) => boxAround(at, 8))];
  for (const truck of trucks) {
    if (trucks.length > MAX_LABELLED_TRUCKS && !isChosen(truck)) continue;
    placeLabel(canvas, size, colours, taken, truck.marker.vehicle.name, truck.at, isChosen(truck));
  }
}
