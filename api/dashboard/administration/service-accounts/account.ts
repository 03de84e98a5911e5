import type { Schemas } from "../../../client/index.ts";

export type ServiceAccount = Schemas["ServiceAccount"];
/** What is shown once. */
export type ServiceAccountWithSecret = Schemas["ServiceAccountWithSecret"];
