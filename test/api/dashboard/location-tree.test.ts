import { expect, test } from "vitest";
import { LocationTree } from "../../../api/dashboard/administration/master-data/location-tree.ts";

const place = (id: number, name: string, parent_id: number | null = null) => ({ id, name, parent_id });
const GARCHING = place(1, "Garching");
const AISLE = place(2, "Aisle 1", 1);
const SHELF = place(3, "Shelf 7", 2);
const OTHER = place(4, "Rosenheim");
const OTHER_SHELF = place(5, "Shelf 7", 4);
/** It lies in what the person may not see. */
const LIMITED = place(6, "Yard", 99);
const tree = new LocationTree([AISLE, GARCHING, OTHER, SHELF, OTHER_SHELF, LIMITED]);
const seen = (unfolded: number[]) => tree.lines(new Set(unfolded)).map(({ place: { id }, depth }) => [id, depth]);

test("folded, a tree shows its tops; unfolded, each place stands below what it lies in", () => {
  expect(seen([])).toEqual([
    [1, 0],
    [4, 0],
    [6, 0],
  ]);
  // An unfolded place in a folded one is not seen.
  expect(seen([2])).toEqual(seen([]));
  expect(seen([1, 2])).toEqual([
    [1, 0],
    [2, 1],
    [3, 2],
    [4, 0],
    [6, 0],
  ]);
  expect(tree.lines(new Set()).map(({ children }) => children)).toEqual([1, 1, 0]);
  expect(tree.parents().toSorted((a, b) => a - b)).toEqual([1, 2, 4]);
});

test("a place is found by words of its path in their order, one of them its own", () => {
  const found = (text: string) => tree.search(text).map(({ id }) => id);
  expect(found("shelf 7").toSorted((a, b) => a - b)).toEqual([3, 5]);
  expect(found("  GARCHING shelf ")).toEqual([3]);
  expect(found("garching")).toEqual([1]);
  expect(found("rosenheim aisle")).toEqual([]);
  expect(found("shelf garching")).toEqual([]);
  expect(tree.path(3)).toBe("Garching › Aisle 1 › Shelf 7");
  expect(tree.path(6)).toBe("Yard");
});
