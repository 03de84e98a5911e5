import { z } from "zod";
import { epcText } from "./epc.ts";
import { sequence, measurementTime } from "./measurement-time.ts";

/** `devices/{id}/rfid`: one read of one tag. `epc` is hex, base64 or an EPC URI. */
export const rfidReading = z.object({
  ts: measurementTime,
  seq: sequence.optional(),
  epc: epcText,
  antenna: z.number().int().min(0).max(65_535).optional(),
  rssi: z.number().optional().describe("dBm"),
  count: z.number().int().min(1).max(2_147_483_647).optional().describe("reads summarised in this one"),
});
