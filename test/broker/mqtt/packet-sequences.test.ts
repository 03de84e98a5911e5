import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bytesOf } from "./packet-grammar.ts";
import { samplePath } from "../../fixtures/sample-data.ts";
import { startPlatform, type TestPlatform } from "../platform.ts";

const FOLDER = samplePath("mqtt-sequences");

interface Step {
  type: "send" | "recv" | "external_publish" | "subscribe" | "unsubscribe";
  payload: string;
}

interface Case {
  name: string;
  ver?: number;
  connect?: boolean;
  expect_disconnect?: boolean;
  msgs: Step[];
}

interface Group extends Omit<Case, "name" | "msgs"> {
  group: string;
  tests: Case[];
}

/** Cases that expect one broker's choice where MQTT 3.1.1 leaves it open or demands something else. */
const OTHER_CHOICES: Record<string, string> = {
  "10 proto ver 2": "an unknown level is answered with return code 1 [MQTT-3.1.2-2], not with MQTT 5's CONNACK",
  "10 proto ver 6": "an unknown level is answered with return code 1 [MQTT-3.1.2-2], not with MQTT 5's CONNACK",
  "10 proto ver 2 [MQTT-3.1.2-2]": "the same, under the name MQTT",
  "10 proto ver 6 [MQTT-3.1.2-2]": "the same, under the name MQTT",
  "10 Username flag 1 Password flag 1 ok": "whom to let in is a server's choice: here unknown names are refused",
  "10 Password with 0x0000": "the same; that a password may hold U+0000 is tested with a device's",
  "34 QoS 2 Dup flow*3": "section 4.3.3 lets a sender repeat a PUBLISH as often as it must",
};

class Peer {
  readonly #socket: Socket;
  #bytes = Buffer.alloc(0);
  #closed = false;
  #wake: () => void = () => undefined;

  constructor(port: number) {
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.#socket.on("data", (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      this.#wake();
    });
    this.#socket.on("error", () => undefined);
    this.#socket.on("close", () => {
      this.#closed = true;
      this.#wake();
    });
  }
  get opened(): Promise<unknown> {
    return once(this.#socket, "connect");
  }
  send(bytes: Buffer): void {
    this.#socket.write(bytes);
  }
  async receive(expected: Buffer): Promise<void> {
    await this.#until(() => this.#bytes.length >= expected.length);
    expect(this.#bytes.subarray(0, expected.length).toString("hex")).toBe(expected.toString("hex"));
    this.#bytes = this.#bytes.subarray(expected.length);
  }
  async closes(): Promise<void> {
    await this.#until(() => this.#closed);
    expect(this.#closed, "the server closes the connection").toBe(true);
  }
  destroy(): void {
    this.#socket.destroy();
  }
  async #until(done: () => boolean): Promise<void> {
    const timer = AbortSignal.timeout(2000);
    while (!done() && !this.#closed && !timer.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        timer.addEventListener("abort", () => resolve(), { once: true });
      });
    }
  }
}

describe("public packet sequences", () => {
  let platform: TestPlatform;
  beforeAll(async () => {
    platform = await startPlatform({ anonymousLoopback: true });
  });
  afterAll(() => platform?.close());

  const files = readdirSync(FOLDER).filter((name) => name.endsWith(".json"));
  for (const file of files) {
    const groups = JSON.parse(readFileSync(join(FOLDER, file), "utf8")) as Group[];
    for (const group of groups) {
      for (const [index, test] of group.tests.entries()) {
        const { ver, connect = true, expect_disconnect: disconnects = true, msgs, name } = { ...group, ...test };
        if (ver === 5) continue;
        const title = `${group.group} ${index} ${name}`;
        if (OTHER_CHOICES[name]) {
          it.skip(`${title}: ${OTHER_CHOICES[name]}`);
          continue;
        }
        it(title, async () => {
          const peer = new Peer(platform.port);
          await peer.opened;
          if (connect) {
            peer.send(bytesOf("10 r22 s4 'MQTT' 04 02 k60 s10 'test-peer1'"));
            await peer.receive(bytesOf("20 r2 00 00"));
          }
          for (const { type, payload } of msgs) {
            if (type === "send") peer.send(bytesOf(payload));
            else if (type === "recv") await peer.receive(bytesOf(payload));
            else throw new Error(`no case so far needed ${type}`);
          }
          if (disconnects) await peer.closes();
          else {
            peer.send(bytesOf("C0 00"));
            await peer.receive(bytesOf("D0 00"));
          }
          peer.destroy();
        });
      }
    }
  }
});
