import { test } from "node:test";
import abstractPersistence from "aedes-persistence/abstract.js";
import { pino } from "pino";
import { Persistence } from "../../../broker/session/persistence.ts";
import { DEFAULT_BROKER_SETTINGS } from "../../../broker/settings.ts";

/** Of a QoS 2 message the persistence keeps the packet id alone, as `ReceivedPacketIds` says why. */
const KEEPS_IDS_ONLY = "add incoming packet, get it, and clear with messageId";

// The suite of aedes-persistence, run by Node itself: `node --import tsx persistence-suite.ts`.
abstractPersistence({
  test: (title, run) => void test(title, { skip: title === KEEPS_IDS_ONLY }, run),
  persistence: () => new Persistence({ limits: DEFAULT_BROKER_SETTINGS.memory, log: pino({ level: "silent" }) }),
  testAsync: true,
});
