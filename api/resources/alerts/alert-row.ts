import type { Alert } from "./schema.ts";

/** What an alert is made of, before it is put in words. */
export interface AlertRow extends Omit<Alert, "title" | "next_step" | "evidence"> {
  version: number;
  item_name: string | null;
  location_name: string | null;
  vehicle_name: string | null;
  device_name: string | null;
  tracking_number: string | null;
  product_name: string | null;
}

export type AlertDescription = Pick<Alert, "title" | "next_step" | "evidence">;
