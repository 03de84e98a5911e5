import { useRef, useState } from "preact/hooks";

const [WIDTH, HEIGHT] = [640, 240];

interface SignaturePadProps {
  label: string;
  /** @param picture a PNG, which a busy browser makes a while later; undefined when it was wiped */
  onChange: (picture: Promise<Blob | undefined> | undefined) => void;
}

/** A field that is signed with a finger, a pen or the mouse. Ink on white, whatever the colours of the page: it is kept as a picture. */
export function SignaturePad({ label, onChange }: SignaturePadProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [isSigned, setIsSigned] = useState(false);
  /** where the pen is on the paper; undefined while it is up */
  const pen = useRef<{ x: number; y: number } | undefined>(undefined);

  function placeOf(event: PointerEvent): { x: number; y: number } {
    const box = canvas.current!.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) * WIDTH) / box.width,
      y: ((event.clientY - box.top) * HEIGHT) / box.height,
    };
  }
  function paper(): CanvasRenderingContext2D {
    const context = canvas.current!.getContext("2d")!;
    if (!isSigned) {
      context.fillStyle = "#fff";
      context.fillRect(0, 0, WIDTH, HEIGHT);
    }
    context.strokeStyle = "#101820";
    context.lineWidth = 3;
    context.lineCap = "round";
    return context;
  }
  function begin(event: PointerEvent): void {
    event.preventDefault();
    canvas.current!.setPointerCapture(event.pointerId);
    paper();
    setIsSigned(true);
    pen.current = placeOf(event);
  }
  function draw(event: PointerEvent): void {
    if (pen.current === undefined) return;
    const context = canvas.current!.getContext("2d")!;
    const to = placeOf(event);
    context.beginPath();
    context.moveTo(pen.current.x, pen.current.y);
    context.lineTo(to.x, to.y);
    context.stroke();
    pen.current = to;
  }
  function lift(): void {
    if (pen.current === undefined) return;
    pen.current = undefined;
    const signed = canvas.current!;
    onChange(new Promise((resolve) => signed.toBlob((picture) => resolve(picture ?? undefined), "image/png")));
  }
  function wipe(): void {
    canvas.current!.getContext("2d")!.clearRect(0, 0, WIDTH, HEIGHT);
    setIsSigned(false);
    onChange(undefined);
  }
  return (
    <div class="signature">
      <span class="muted">{label}</span>
      <canvas
        ref={canvas}
        role="img"
        aria-label={label}
        width={WIDTH}
        height={HEIGHT}
        onPointerDown={begin}
        onPointerMove={draw}
        onPointerUp={lift}
        onPointerCancel={lift}
      />
      <button type="button" disabled={!isSigned} onClick={wipe}>
        Wipe
      </button>
    </div>
  );
}
