import { EXAMPLES, UNPROVABLE_EXAMPLES } from "./examples.ts";
import type { RequestExample } from "./request-example.ts";

interface Parameter {
  name: string;
  in: string;
  example?: unknown;
}

interface Operation {
  parameters?: Parameter[];
  requestBody?: { content: Record<string, object> };
}

/** Adds the examples to a document of OpenAPI 3.1 or 3.0: to its parameters, and to the first media type of its bodies. */
export function withExamples(document: unknown): object {
  const { paths } = document as { paths: Record<string, Record<string, Operation>> };
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const route = `${method.toUpperCase()} ${path}`;
      const example = EXAMPLES[route] ?? UNPROVABLE_EXAMPLES[route];
      if (example) operations[method] = withExample(operation, example);
    }
  }
  return document as object;
}

function withExample(operation: Operation, { path = {}, query = {}, body }: RequestExample): Operation {
  const values: Readonly<Record<string, unknown>> = { ...path, ...query };
  const parameters = operation.parameters?.map((parameter) =>
    parameter.in !== "header" && parameter.name in values
      ? { ...parameter, example: values[parameter.name] }
      : parameter,
  );
  const [first, ...others] = Object.entries(operation.requestBody?.content ?? {});
  const content = first && { [first[0]]: { ...first[1], example: body }, ...Object.fromEntries(others) };
  return {
    ...operation,
    ...(parameters && { parameters }),
    ...(content && body !== undefined && { requestBody: { ...operation.requestBody, content } }),
  };
}
