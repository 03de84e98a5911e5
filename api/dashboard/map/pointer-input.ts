import type { Point, Size } from "./projection.ts";

export interface PointerInput {
  size(): Size;
  /** @param isPinch with two fingers, which also zoom */
  pan(dx: number, dy: number, isPinch: boolean): void;
  /** @param steps 1 doubles the scale; @param anchor stays where it is */
  zoom(steps: number, anchor: Point): void;
  fit(): void;
  click(point: Point): void;
  hover(point: Point): void;
}

const CLICK_PIXELS = 5;
const WHEEL_PIXELS_PER_ZOOM = 320;
const KEY_PAN_PIXELS = 80;

function middle(points: Point[]): Point {
  const sum = points.reduce((a, b) => ({ x: a.x + b.x, y: a.y + b.y }), { x: 0, y: 0 });
  return { x: sum.x / points.length, y: sum.y / points.length };
}

function spread([a, b]: Point[]): number {
  return a === undefined || b === undefined ? 0 : Math.hypot(a.x - b.x, a.y - b.y);
}

/**
 * Turns mouse, pen, touch (one finger pans, two zoom), wheel and keyboard events of the canvas into camera moves.
 * @returns a function that removes the listeners
 */
export function bindPointerInput(canvas: HTMLElement, input: PointerInput): () => void {
  const down = new Map<number, Point>();
  let travelled = 0;
  const at = (event: MouseEvent): Point => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  function pointerdown(event: PointerEvent): void {
    canvas.setPointerCapture(event.pointerId);
    if (down.size === 0) travelled = 0;
    down.set(event.pointerId, at(event));
  }

  function pointermove(event: PointerEvent): void {
    if (!down.has(event.pointerId)) return input.hover(at(event));
    const before = [...down.values()];
    down.set(event.pointerId, at(event));
    const after = [...down.values()];
    const [from, to] = [middle(before), middle(after)];
    travelled += Math.hypot(to.x - from.x, to.y - from.y) + Math.abs(spread(after) - spread(before));
    // A hand that clicks moves a little, too.
    if (travelled < CLICK_PIXELS) return;
    const isPinch = after.length === 2;
    input.pan(to.x - from.x, to.y - from.y, isPinch);
    if (isPinch && spread(before) > 0 && spread(after) > 0) input.zoom(Math.log2(spread(after) / spread(before)), to);
  }

  function pointerup(event: PointerEvent): void {
    if (!down.delete(event.pointerId)) return;
    if (down.size === 0 && travelled < CLICK_PIXELS && event.type === "pointerup") input.click(at(event));
  }

  function wheel(event: WheelEvent): void {
    event.preventDefault();
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * 20 : event.deltaY;
    input.zoom(-pixels / WHEEL_PIXELS_PER_ZOOM, at(event));
  }

  function dblclick(event: MouseEvent): void {
    input.zoom(event.shiftKey ? -1 : 1, at(event));
  }

  function keydown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { width, height } = input.size();
    const centre = { x: width / 2, y: height / 2 };
    const pan = (dx: number, dy: number) => input.pan(dx, dy, false);
    const zoom = (steps: number) => input.zoom(steps, centre);
    const actions: Record<string, () => void> = {
      ArrowLeft: () => pan(KEY_PAN_PIXELS, 0),
      ArrowRight: () => pan(-KEY_PAN_PIXELS, 0),
      ArrowUp: () => pan(0, KEY_PAN_PIXELS),
      ArrowDown: () => pan(0, -KEY_PAN_PIXELS),
      "+": () => zoom(0.5),
      "=": () => zoom(0.5),
      "-": () => zoom(-0.5),
      "0": () => input.fit(),
    };
    const action = actions[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  }

  const bound = new AbortController();
  const { signal } = bound;
  canvas.addEventListener("pointerdown", pointerdown, { signal });
  canvas.addEventListener("pointermove", pointermove, { signal });
  canvas.addEventListener("pointerup", pointerup, { signal });
  canvas.addEventListener("pointercancel", pointerup, { signal });
  canvas.addEventListener("wheel", wheel, { signal, passive: false });
  canvas.addEventListener("dblclick", dblclick, { signal });
  canvas.addEventListener("keydown", keydown, { signal });
  return () => bound.abort();
}
