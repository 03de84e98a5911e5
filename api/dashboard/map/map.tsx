import { useEffect, useRef } from "preact/hooks";
import { loadOutlines } from "./outlines.ts";
import { type Picture, openPicture } from "./scene.ts";
import { Legend } from "./legend.tsx";
import { VehicleCard } from "./vehicle-card.tsx";

/** The live map. Its table twin is the vehicles list, which says so to screen readers. */
export function LiveMap() {
  const below = useRef<HTMLCanvasElement>(null);
  const above = useRef<HTMLCanvasElement>(null);
  const picture = useRef<Picture>(undefined);
  useEffect(() => {
    if (below.current === null || above.current === null) return undefined;
    const opened = openPicture(below.current, above.current);
    picture.current = opened;
    void loadOutlines();
    return () => opened.close();
  }, []);
  return (
    <section class="map" aria-label="Map">
      <canvas ref={below} aria-hidden="true" />
      <canvas
        ref={above}
        tabIndex={0}
        role="application"
        aria-label="Map of places and vehicles. Arrow keys move it, plus and minus zoom, 0 shows everything. The Vehicles tab lists the same vehicles."
      />
      <div class="map-buttons">
        <button type="button" aria-label="Zoom in" onClick={() => picture.current?.zoomBy(1)}>
          +
        </button>
        <button type="button" aria-label="Zoom out" onClick={() => picture.current?.zoomBy(-1)}>
          −
        </button>
        <button
          type="button"
          aria-label="Show everything"
          title="Show everything (0)"
          onClick={() => picture.current?.fit()}
        >
          ⤢
        </button>
      </div>
      <VehicleCard />
      <Legend />
    </section>
  );
}
