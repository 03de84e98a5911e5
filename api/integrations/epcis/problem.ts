import { Problem, type ProblemDetail } from "../../http/problem.ts";

/** What EPCIS 2.0 names its errors (§8.2.6 and the OpenAPI document of GS1). */
export type EpcisException =
  | "QueryParameterException"
  | "QueryTooComplexException"
  | "QueryTooLargeException"
  | "NoSuchNameException"
  | "NoSuchResourceException"
  | "NoSuchSubscriptionException"
  | "ResourceAlreadyExistsException"
  | "SubscriptionControlsException"
  | "ValidationException";

/** An error of EPCIS: its type is the one of the standard. */
export const epcisProblem = (
  status: number,
  exception: EpcisException,
  detail: string,
  errors: readonly ProblemDetail[] = [],
): Problem => new Problem(status, detail, { errors, type: `epcisException:${exception}` });
