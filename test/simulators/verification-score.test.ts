import { expect, test } from "vitest";
import { scoreVerification } from "../../simulators/score/verification-score.ts";

const unit = (shipment_id: number | null, epc: string | null = null) => ({ shipment_id, epc });

test("a load verification that names exactly what was planted has no findings", () => {
  const loads = [
    { trip: 1, extra: [7], missing: [], named: { extra: [unit(7, "a"), unit(7, "b")], missing: [] } },
    { trip: 2, extra: [], missing: [8], named: { extra: [], missing: [unit(8)] } },
    { trip: 3, extra: [], missing: [], named: { extra: [], missing: [] } },
  ];
  expect(scoreVerification(loads)).toEqual({ trips: 3, planted: 2, unnamed: 0, falselyNamed: 0, findings: [] });
});

test("what is not named, and what is named and was not planted, are findings", () => {
  const named = { extra: [unit(null, "x"), unit(9)], missing: [] };
  expect(scoreVerification([{ trip: 4, extra: [9], missing: [8], named }])).toEqual({
    trips: 1,
    planted: 2,
    unnamed: 1,
    falselyNamed: 1,
    findings: ["trip 4: shipment 8 is missing, and is not named", "trip 4: tag x is named as extra, and is not"],
  });
});
