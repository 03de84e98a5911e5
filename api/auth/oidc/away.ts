import { Problem } from "../../http/problem.ts";

/** The provider does not answer, and nothing that it has said before is enough. */
export const oidcAway = (): Problem =>
  new Problem(503, "the identity provider cannot be reached; try again", { headers: { "Retry-After": "5" } });
