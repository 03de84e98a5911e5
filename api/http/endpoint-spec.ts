import type { z } from "zod";
import type { Access } from "../auth/roles.ts";
import type { AlternativeBody } from "./body.ts";

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Method and path as in the OpenAPI document, e.g. `GET /shipments/{id}`. */
export type Route = `${Method} /${string}`;

/** One endpoint: who may call it, what it takes and what it answers. */
export interface EndpointSpec<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> {
  route: Route;
  /** who may call it (auth/roles.ts); checked before the request's body is read */
  access: Access;
  tag: string;
  summary: string;
  params?: P;
  query?: Q;
  body?: B;
  /** the body may be left out */
  bodyOptional?: boolean;
  /** a format the body may have instead of JSON */
  alternativeBody?: AlternativeBody;
  response?: z.ZodType;
  /** of the success; 200 by default */
  status?: 200 | 201 | 202 | 204;
  /** the response holds a secret: it is not stored for repeats of an Idempotency-Key */
  showsSecret?: boolean;
}
