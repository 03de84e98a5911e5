import type { Components } from "../runtime/components.ts";
import type { Plan } from "./plan.ts";
import { type LoadClients, openLoadClients } from "./measure.ts";
import { runLoad } from "./load/run.ts";
import { Truck } from "./load/truck.ts";
import { cpuSecondsOf } from "./process-times.ts";
import { type Reference, startBareAedes, startMosquitto } from "./reference-brokers.ts";
import { connections } from "./measure-row.ts";
import { medianRow, type Row } from "./table.ts";

/** The same load on brokers that store nothing and derive nothing. */
export async function measureReferences(plan: Plan, directory: string, components: Components): Promise<Row[]> {
  const rows: Row[] = [];
  const mosquitto = await startMosquitto(components, directory);
  if (!mosquitto) rows.push({ what: "Mosquitto alone", load: "", note: "skipped: no mosquitto on the path" });
  for (const reference of [mosquitto, await startBareAedes(components)]) {
    if (reference) rows.push(...(await measureReference(plan, reference)));
  }
  return rows;
}

async function measureReference(plan: Plan, reference: Reference): Promise<Row[]> {
  const rows: Row[] = [];
  const trucks = Array.from(
    { length: 1_000 },
    (_, index) =>
      new Truck({ deviceId: `reference-${index}`, road: index % 20, yard: 0, startsAt: Date.now() - 86_400_000 }),
  );
  const gateways = Array.from({ length: 50 }, (_, gateway) => ({
    id: `gateway-${gateway}`,
    trucks: trucks.filter((_, truck) => truck % 50 === gateway),
  }));
  const address = { host: "127.0.0.1", port: reference.port, anonymous: true };
  for (const by of ["gateways", "trucks"] as const) {
    const clients = await openLoadClients({ secret: "", trucks, gateways }, by, address);
    for (const rate of [20_000, undefined]) {
      const rounds: Row[] = [];
      for (let round = 0; round < plan.rounds; round += 1) {
        rounds.push(await measureRun(reference, clients, by, rate, rate === undefined ? plan.burst : plan.paced));
      }
      rows.push(medianRow(rounds));
    }
    await clients.close();
  }
  await reference.close();
  return rows;
}

async function measureRun(
  { name, pid }: Reference,
  { publishers, latencies }: LoadClients,
  by: "gateways" | "trucks",
  rate: number | undefined,
  seconds: number,
): Promise<Row> {
  const before = await cpuSecondsOf(pid);
  const { perSecond, p50, p99, acknowledged } = await runLoad(publishers, latencies, { rate, seconds });
  const cpu = { broker: (((await cpuSecondsOf(pid)) - before) * 1e6) / acknowledged };
  const target = rate === undefined ? "saturation" : `${rate.toLocaleString("en-US")}/s`;
  return { what: name, load: `${target}, ${connections(by)}, ${seconds} s`, perSecond, p50, p99, cpu };
}
