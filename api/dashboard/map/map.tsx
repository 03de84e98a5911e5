import { useEffect, useRef } from "preact/hooks";
import { loadOutlines } from "./outlines.ts";
import { type Scene, createScene } from "./scene.ts";
import { Legend } from "./legend.tsx";
import { VehicleCard } from "./vehicle-card.tsx";

/** The live map. Screen readers use the Vehicles tab, which shows the same data as a table. */
export function LiveMap() {
  const below = useRef<HTMLCanvasElement>(null);
  const above = useRef<HTMLCanvasElement>(null);
  const scene = useRef<Scene>(undefined);
  useEffect(() => {
    if (below.current === null || above.current === null) return undefined;
    const opened = createScene(below.current, above.current);
    scene.current = opened;
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
        <button type="button" aria-label="Zoom in" onClick={() => scene.current?.zoomBy(1)}>
          +
        </button>
        <button type="button" aria-label="Zoom out" onClick={() => scene.current?.zoomBy(-1)}>
          −
        </button>
        <button
          type="button"
          aria-label="Show everything"
          title="Show everything (0)"
          onClick={() => scene.current?.fit()}
        >
          ⤢
        </button>
      </div>
      <VehicleCard />
      <Legend />
    </section>
  );
}
