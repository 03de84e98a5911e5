import type { NewFact } from "../fact.ts";
import type { Risk } from "./risk-rule.ts";

const CONFIDENCE = 0.9;

/** The fact of a risk, or of its end. */
export function riskFact({ type, kind, since, at, deviceId, readAt, ...measured }: Risk, shipmentId: number): NewFact {
  const common = {
    key: `${type === "risk" ? "risk" : "risk-over"}:${shipmentId}:${kind}:${since}`,
    subject: `shipment:${shipmentId}` as const,
    at,
    rule: "risk-rule",
    evidence: [{ device_id: deviceId, kind: kind === "light" ? "env" : "gps", ts: new Date(readAt).toISOString() }],
    confidence: CONFIDENCE,
    deviceId,
    signal: "risk",
    concludedAt: Math.max(at, readAt),
  };
  return type === "risk"
    ? { ...common, type, data: { kind, since, ...measured } }
    : { ...common, type, data: { kind, since } };
}
