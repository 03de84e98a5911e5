import type { Context } from "hono";
import type { z } from "zod";
import type { Access } from "../auth/roles.ts";
import type { CachedTopic } from "../cache/kept.ts";
import type { ApiEnv } from "../deps.ts";
import type { AuditedResource } from "./audit/changes.ts";
import type { AlternativeBody } from "./body.ts";
import type { Problem } from "./problem.ts";

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Method and path as in the OpenAPI document, e.g. `GET /shipments/{id}`. */
export type Route = `${Method} /${string}`;

/** Errors as another standard demands them. */
export interface ErrorFormat {
  schema: z.ZodType;
  /** @returns the answer for a problem, with its own status where that standard has another */
  of(problem: Problem): { status: number; body: object; headers: Readonly<Record<string, string>> };
}

/** One endpoint: who may call it, what it takes and what it answers. */
export interface EndpointSpec<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> {
  route: Route;
  /** who may call it (auth/roles.ts); checked before the request's body is read */
  access: Access;
  /** requests that need no credentials, and which they are, in words */
  open?: { to: string; includes: (c: Context<ApiEnv>) => boolean };
  /** API clients may call it whatever their role */
  openToClients?: true;
  tag: string;
  summary: string;
  params?: P;
  query?: Q;
  body?: B;
  /** the body may be left out */
  bodyOptional?: boolean;
  /** a format the body may have instead of JSON */
  alternativeBody?: AlternativeBody;
  /** the handler reads the body itself, as it comes; it may have these types beside JSON. `body` is what the document tells of JSON; without it the body is a file */
  streamedBody?: readonly string[];
  response?: z.ZodType;
  /** of the success; 200 by default */
  status?: 200 | 201 | 202 | 204 | 303;
  /** what is answered with 202 and no body, of an endpoint with another success */
  accepted?: string;
  /** … or with this body and a Location */
  acceptedResponse?: z.ZodType;
  /** what is answered with 200 and another body, of an endpoint that mostly answers 201 */
  answered?: { response: z.ZodType; description: string };
  /** of a POST: it changes nothing, so an Idempotency-Key says nothing about it */
  readsOnly?: true;
  /** media type of the success; JSON by default */
  responseType?: string;
  /** other media types of the success, e.g. `application/gpx+xml` */
  alternativeResponses?: readonly string[];
  /** statuses that only this endpoint answers with a problem, and why */
  problems?: Readonly<Partial<Record<400 | 401 | 403 | 404 | 406 | 409 | 413 | 415, string>>>;
  /** a failure that has the success's body instead of a problem, and why */
  failure?: { status: 503; reason: string };
  /** problems of these statuses are answered as a page too, to browsers */
  problemPages?: readonly (404 | 429)[];
  /** errors in the format of another standard, instead of problems */
  errorFormat?: ErrorFormat;
  /** the resource that a change is about: the audit shows it before and after. A PUT, a PATCH and a DELETE by id must name it. */
  audited?: AuditedResource<z.output<P>>;
  /** of an endpoint that reads: it shows only rows of this topic, and everybody without limits sees the same. Its response is kept */
  cachedBy?: CachedTopic;
  /** whether this body holds a password: of a request with an Idempotency-Key only a slow hash is kept then */
  holdsPassword?: (body: z.output<B>) => boolean;
  /** the response holds a secret: it is not stored for repeats of an Idempotency-Key, and not in the audit */
  showsSecret?: boolean;
}
