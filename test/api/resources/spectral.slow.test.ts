import spectralCore from "@stoplight/spectral-core";
import rulesets from "@stoplight/spectral-rulesets";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi, type TestApi } from "../support.ts";

/** Severities of errors and warnings; those of hints are above. */
const SERIOUS: readonly number[] = [0, 1];

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

test.each(["/openapi.json", "/openapi-3.0.json", "/swagger.json", "/asyncapi.json"])(
  "Spectral finds no error and no warning in %s",
  async (path) => {
    const { Spectral } = spectralCore;
    const spectral = new Spectral();
    const ruleset = path === "/asyncapi.json" ? rulesets.asyncapi : rulesets.oas;
    spectral.setRuleset({ extends: [[ruleset as never, "recommended"]], rules: {} });
    const text = await (await api.app.request(path)).text();
    const findings = await spectral.run(text);
    const serious = findings.filter(({ severity }) => SERIOUS.includes(severity));
    expect(serious.map(({ code, message, path: at }) => `${code} ${at.join(".")}: ${message}`)).toEqual([]);
  },
);
