import type { Schemas } from "../../../client/index.ts";

export type ApiClient = Schemas["ApiClient"];
/** What is shown once. */
export type ApiClientWithSecret = Schemas["ApiClientWithSecret"];
