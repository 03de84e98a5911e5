import { expect, test } from "vitest";
import type { NewFact } from "../../../ingest/domain/fact.ts";
import { unexplainedRemovals } from "../../../ingest/domain/stock/unexplained-removal.ts";
import { at } from "./shipment-facts.ts";

const counted = (minute: number, change: number, source: "scale" | "rfid" | "person" = "scale"): NewFact =>
  at(minute, "counted", { quantity: 10 + change, source, change }, "stock:5");
const movement = (minute: number, delta: number): NewFact =>
  at(minute, "adjusted", { delta, reason: "picked" }, "stock:5");

test.each<[string, NewFact[], string[]]>([
  ["is not explained", [counted(10, -3)], ["3 of 10 at 12"]],
  ["is explained by a movement just before", [movement(9, -3), counted(10, -3)], []],
  ["is explained by a movement just after", [counted(10, -3), movement(11.5, -3)], []],
  ["is not explained by an old movement", [movement(7, -3), counted(10, -3)], ["3 of 10 at 12"]],
  ["is not explained by what was received", [movement(10, 3), counted(10, -3)], ["3 of 10 at 12"]],
  ["is explained in part", [movement(9, -1), counted(10, -3)], ["2 of 10 at 12"]],
  ["is explained by tags that left", [counted(10, -2), counted(10, -1, "rfid"), counted(11, -1, "rfid")], []],
  ["is explained by a person's count there", [counted(10, -2), counted(11, 0, "person")], []],
  ["is explained when the pieces are put back", [counted(10, -2), counted(11, 2)], []],
  ["is not explained by pieces put before", [counted(9, 2), counted(10, -2)], ["2 of 10 at 12"]],
  ["is none while the shelf is filled", [counted(9.6, 12), counted(9.8, -2), counted(9.9, 3), counted(10, -1)], []],
  ["is what filling does not account for", [counted(9.8, 2), counted(10, -5)], ["3 of 10 at 12"]],
  ["needs an explanation of its own", [movement(9, -1), counted(10, -1), counted(10.5, -1)], ["1 of 10 at 12.5"]],
  [
    "is explained beside another whose own explanation is further away than two minutes",
    [movement(7.9, -2), counted(8, -2), movement(9.9, -1), counted(10, -1), movement(11.9, -3), counted(12, -3)],
    [],
  ],
  [
    "is not explained by what explains its neighbours",
    [movement(8.9, -2), counted(9, -2), counted(10, -4), movement(10.9, -1), counted(11, -1)],
    ["4 of 10 at 12"],
  ],
  ["is none when pieces were put", [counted(10, 4)], []],
])("a removal %s", (_, facts, expected) => {
  const found = unexplainedRemovals(5, facts.toReversed(), () => true)
    .toReversed()
    .map((fact) => {
      if (fact.type !== "unexplained_removal") throw new Error(fact.type);
      return `${fact.data.quantity} of ${fact.data.before} at ${fact.at / 60_000}`;
    });
  expect(found).toEqual(expected);
});
