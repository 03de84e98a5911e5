import { describe, expect, it } from "vitest";
import { WaitingDevices } from "../../../broker/downlink/waiting-devices.ts";

const ALL = Array.from({ length: 1200 }, (_, n) => `device-${String(n).padStart(4, "0")}`);
const ANY = ["devices/+/cmd"];

function lookUp(read = (afterId: string) => ALL.filter((id) => id > afterId)) {
  const asked: string[] = [];
  let open = ANY;
  const readPage = async (afterId: string, limit: number): Promise<string[]> => {
    asked.push(afterId);
    return read(afterId).slice(0, limit);
  };
  const waiting = new WaitingDevices(readPage, () => open);
  const all = async (filters = ANY): Promise<string[]> => {
    open = filters;
    const ids: string[] = [];
    while (!waiting.isDone) ids.push(...(await waiting.next()));
    return ids;
  };
  return { waiting, asked, all };
}

describe("the devices for which messages wait", () => {
  it("come page by page, once for each restart", async () => {
    const { waiting, asked, all } = lookUp();
    expect(await all()).toEqual([]);
    waiting.restart();
    waiting.restart();
    expect(await all()).toEqual(ALL);
    expect(asked).toEqual(["", ALL[499], ALL[999]]);
    waiting.restart();
    expect(await all()).toEqual(ALL);
  });

  it("come again after the last page when a restart is asked for meanwhile, however often", async () => {
    const { waiting, all } = lookUp();
    waiting.restart();
    const first = waiting.next();
    waiting.restart();
    expect(await first).toEqual(ALL.slice(0, 500));
    waiting.restart();
    expect(await all()).toEqual([...ALL.slice(500), ...ALL]);
  });

  it("are read again from the same page after an error", async () => {
    let failures = 1;
    const { waiting, all } = lookUp((afterId) => {
      if (afterId === ALL[499] && failures-- > 0) throw new Error("Postgres is away");
      return ALL.filter((id) => id > afterId);
    });
    waiting.restart();
    expect(await waiting.next()).toEqual(ALL.slice(0, 500));
    await expect(waiting.next()).rejects.toThrow("away");
    expect(await all()).toEqual(ALL.slice(500));
  });

  it("are not looked up for filters that name them, or none", async () => {
    const { waiting, asked, all } = lookUp();
    waiting.restart();
    expect(await all(["devices/a/cmd", "devices/a/errors", "+/b/#", "plant/c/+"])).toEqual(["a", "b"]);
    waiting.restart();
    expect(await all(["plant/#", "devices", "spBv1.0/+/NCMD/#"])).toEqual([]);
    expect(asked).toEqual([]);
    for (const filter of ["#", "+/#", "devices/#", "devices/+/errors"]) {
      waiting.restart();
      expect(await all([filter])).toHaveLength(ALL.length);
    }
  });
});
