import type { Figures } from "./chart-data.ts";

export const QUANTITY_LABELS: Record<Figures["quantity"], string> = {
  celsius: "Temperature",
  humidity: "Humidity",
  shock: "Shock",
};

/** The unit in which people read a quantity, and what the API's values are multiplied by for it. */
export const unitOf = (quantity: Figures["quantity"]): [unit: string, scale: number] =>
  quantity === "humidity" ? ["%", 100] : quantity === "celsius" ? ["°C", 1] : ["g", 1];
