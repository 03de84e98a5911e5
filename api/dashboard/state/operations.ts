// The operations of the API as types, from the typed client: a request to a path that the API does not have, or with a body that it
// does not take, does not compile. Nothing of this is left in the built page.
import type { paths } from "../../client/index.ts";

type Method = "get" | "post" | "put" | "delete";
type Template = keyof paths;

/** Whether a path, written as a template literal such as `/orders/${id}`, is one of a template such as `/orders/{id}`. */
type Fits<Path extends string, T extends string> = Path extends `${infer A}/${infer Rest}`
  ? T extends `${infer B}/${infer TemplateRest}`
    ? FitsSegment<A, B> extends true
      ? Fits<Rest, TemplateRest>
      : false
    : false
  : T extends `${string}/${string}`
    ? false
    : FitsSegment<Path, T>;
type FitsSegment<A extends string, B extends string> = B extends `{${string}}`
  ? A extends ""
    ? false
    : true
  : A extends B
    ? true
    : false;

/** The template of a path without its query; a literal one first: `/devices/import` is no device. */
type TemplateOf<Path extends string> = Path extends `${infer Before}?${string}`
  ? TemplateOf<Before>
  : Path extends Template
    ? Path
    : { [T in Template]: Fits<Path, T> extends true ? T : never }[Template];

type Operation<M extends Method, Path extends string> =
  TemplateOf<Path> extends infer T extends Template ? Exclude<paths[T][M], undefined> : never;

/** `Then` if the API has this operation; else never, which no argument is. */
export type IfThere<M extends Method, Path extends string, Then> = [Operation<M, Path>] extends [never] ? never : Then;

/** Arguments that need not be given: if the API lacks the operation, there is one that cannot be given. */
export type Optional<M extends Method, Path extends string, Then> = [Operation<M, Path>] extends [never]
  ? [error: "the API has no such operation"]
  : [argument?: Then];

type Json<Response> = Response extends { content: { "application/json": infer Body } } ? Body : undefined;

/** The body of a successful answer; undefined where there is none. */
export type Answer<M extends Method, Path extends string> =
  Operation<M, Path> extends { responses: infer Responses }
    ? { [Status in keyof Responses & (200 | 201 | 202 | 204)]: Json<Responses[Status]> }[keyof Responses &
        (200 | 201 | 202 | 204)]
    : never;

/** The body that an operation takes; one without takes an empty object or nothing. */
export type Body<M extends Method, Path extends string> =
  Operation<M, Path> extends { requestBody?: infer Request }
    ? Exclude<Request, undefined> extends { content: { "application/json": infer Given } }
      ? Given
      : IfThere<M, Path, NoBody>
    : IfThere<M, Path, NoBody>;
type NoBody = Record<string, never> | undefined;

/** A row of a list. */
export type Row<Path extends string> = Answer<"get", Path> extends readonly (infer R)[] ? R : never;
