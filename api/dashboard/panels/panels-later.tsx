import type { FunctionComponent } from "preact";
import { PageLater } from "../page-later.tsx";

/*
 * Lists and details that many people never open: their scripts are loaded with the first look, and the live page does not wait for
 * them.
 */

function later<Props extends object>(name: string, load: () => Promise<FunctionComponent<Props>>) {
  return (props: Props) => <PageLater name={name} load={load} props={props} />;
}

export const Trips = later("The list of trips", async () => (await import("./trips/trips.tsx")).Trips);
export const TripDetail = later("The trip", async () => (await import("./trips/trip-detail.tsx")).TripDetail);
export const Lots = later("The list of lots", async () => (await import("./tracing/lots.tsx")).Lots);
export const LotDetail = later("The lot", async () => (await import("./tracing/lot-detail.tsx")).LotDetail);
export const Serials = later("The list of serials", async () => (await import("./tracing/serials.tsx")).Serials);
export const SerialDetail = later("The serial", async () => (await import("./tracing/serial-detail.tsx")).SerialDetail);
export const Assets = later("The list of assets", async () => (await import("./tracing/assets.tsx")).Assets);
export const Orders = later("The list of orders", async () => (await import("./orders/orders.tsx")).Orders);
export const OrderDetail = later("The order", async () => (await import("./orders/order-detail.tsx")).OrderDetail);
export const PickListDetail = later(
  "The pick list",
  async () => (await import("./picking/pick-list-detail.tsx")).PickListDetail,
);
export const Devices = later("The list of devices", async () => (await import("./devices/devices.tsx")).Devices);
export const DeviceDetail = later("The device", async () => (await import("./devices/device-detail.tsx")).DeviceDetail);
export const Audit = later("The audit", async () => (await import("./audit/audit.tsx")).Audit);
export const ConditionsChart = later(
  "The chart",
  async () => (await import("./shipments/conditions/conditions-chart.tsx")).ConditionsChart,
);
