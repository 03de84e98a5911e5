import { feature, mesh } from "topojson-client";
import type { GeoPermissibleObjects } from "d3-geo";
import coarseUrl from "world-atlas/countries-110m.json?url";
import fineUrl from "world-atlas/countries-50m.json?url";
import { createStore } from "../state/store.ts";

// Natural Earth outlines (public domain), served from our own origin. The coarse ones load first, then the fine ones.

export interface Outlines {
  land: GeoPermissibleObjects;
  borders: GeoPermissibleObjects;
}

type Topology = Parameters<typeof mesh>[0];
type Shape = NonNullable<Parameters<typeof mesh>[1]>;
type Atlas = Topology & { objects: { countries: Shape; land: Shape } };

export const outlines = createStore<Outlines | undefined>(undefined);

async function readOutlines(url: string): Promise<Outlines> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  const atlas = (await response.json()) as Atlas;
  const { countries, land } = atlas.objects;
  return { land: feature(atlas, land), borders: mesh(atlas, countries, (a, b) => a !== b) };
}

let loading = false;

/** Loads the map's background. Sites and trucks are drawn without it too, so a failure is only reported. */
export async function loadOutlines(): Promise<void> {
  if (loading) return;
  loading = true;
  try {
    outlines.set(await readOutlines(coarseUrl));
    outlines.set(await readOutlines(fineUrl));
  } catch (cause) {
    loading = false;
    reportError(cause);
  }
}
