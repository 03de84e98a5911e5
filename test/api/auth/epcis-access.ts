import { type Access, ROLES, type Role } from "../../../api/auth/roles.ts";
import { hidden, type Trial } from "./limited-trial.ts";

const everyone = ROLES;
const handling: readonly Role[] = ["operator", "manager", "admin"];

/** The access table of EPCIS. */
export const EPCIS_ACCESS: Readonly<Record<string, Access>> = {
  "POST /epcis/capture": handling,
  "GET /epcis/capture": everyone,
  "GET /epcis/capture/{captureID}": everyone,
  "POST /epcis/events": handling,
  "GET /epcis/events/{eventID}": everyone,
  "GET /epcis/unmatched": ["manager", "admin"],
  "POST /epcis/unmatched/{id}/retry": ["manager", "admin"],
};

/** … under limits: events are seen where they happened, and what is captured concerns goods wherever they are. */
export const EPCIS_TRIALS: Readonly<Record<string, Trial>> = {
  "POST /epcis/capture": hidden(),
  "GET /epcis/capture": hidden(),
  "GET /epcis/capture/{captureID}": hidden({ captureID: "00000000-0000-4000-8000-000000000000" }),
  "POST /epcis/events": hidden(),
  "GET /epcis/events/{eventID}": {
    kind: "one",
    ids: (s) => ({ eventID: s.epcisEvent }),
    unknown: { eventID: "urn:x:unknown" },
  },
};
