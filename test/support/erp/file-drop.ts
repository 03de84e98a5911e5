import { type StandIn, startStandIn } from "./stand-in.ts";

export interface FileDrop extends StandIn {
  user: string;
  password: string;
  files: Map<string, string>;
}

/** A server of files as many ERP exports use one: GET and PUT below one address, with Basic authentication. */
export async function startFileDrop(): Promise<FileDrop> {
  const files = new Map<string, string>();
  const [user, password] = ["waystock", "drop"];
  const expected = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  const standIn = await startStandIn(({ method, url, headers, body }) => {
    const text = { "Content-Type": "text/csv; charset=utf-8" };
    if (headers.authorization !== expected) return { status: 401, body: "who are you?", headers: text };
    if (method === "PUT") {
      const status = files.has(url.pathname) ? 204 : 201;
      files.set(url.pathname, body);
      return { status, body: "", headers: text };
    }
    const file = files.get(url.pathname);
    return file === undefined
      ? { status: 404, body: "not found", headers: text }
      : { status: 200, body: file, headers: text };
  });
  return { ...standIn, user, password, files };
}
