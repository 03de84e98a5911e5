import { csvLines } from "../../../tables/csv-text.ts";
import { type ErpAdapter, type ErpLevel, type ErpRecord, PULL_KINDS, type PullKind } from "../adapter.ts";
import { ErpError } from "../erp-error.ts";
import type { CallErp, ErpAnswer } from "../http-client.ts";
import type { ErpOptions, Sheet } from "../options.ts";
import { cellsOf } from "./document-cells.ts";
import { recordsOf, rowsOf, sheetOf } from "./sheets.ts";

export interface GenericAccount {
  url: string;
  user: string | undefined;
  password: string | undefined;
  token: string | undefined;
}

/**
 * A system that gives tables over HTTP (CSV or JSON, whole or by `Link: rel="next"`) and takes files by PUT: a file drop, WebDAV, or a
 * small API. A document is a file that is named by its key, so that putting it again changes nothing.
 */
export function createGeneric(call: CallErp, account: GenericAccount, options: ErpOptions): ErpAdapter {
  const base = account.url.endsWith("/") ? account.url : `${account.url}/`;
  const authorization =
    account.token !== undefined
      ? `Bearer ${account.token}`
      : account.user !== undefined
        ? `Basic ${Buffer.from(`${account.user}:${account.password ?? ""}`).toString("base64")}`
        : undefined;
  const headers = authorization === undefined ? {} : { Authorization: authorization };
  /** A pass reads a table once: its pages are of one state. */
  const kept = new Map<Sheet, Promise<Record<string, string>[]>>();

  function rows(sheet: Sheet): Promise<Record<string, string>[]> {
    const known = kept.get(sheet);
    if (known !== undefined) return known;
    const read = readAll(sheet);
    kept.set(sheet, read);
    read.catch(() => kept.delete(sheet));
    return read;
  }

  async function readAll(sheet: Sheet): Promise<Record<string, string>[]> {
    const { path, columns } = sheetOf(options, sheet);
    if (path === undefined) return [];
    const all: Record<string, string>[] = [];
    const seen = new Set<string>();
    let url: URL | undefined = new URL(path, base);
    while (url !== undefined) {
      if (seen.has(url.href))
        throw new ErpError("refused", "the next-page links of a table lead back to a page that was read already");
      seen.add(url.href);
      const answer = await call({ method: "GET", url, headers: { ...headers, Accept: "text/csv, application/json" } });
      if (answer.status !== 200)
        throw new ErpError("refused", `there is no table at ${url.pathname}: HTTP ${answer.status}`);
      const isJson = String(answer.headers["content-type"] ?? "").includes("json");
      all.push(...rowsOf(answer.text, isJson, columns));
      url = nextOf(answer, url);
    }
    return all;
  }

  /** The next page, if there is one. @throws ErpError when it is of another origin: the credentials go nowhere else */
  function nextOf({ headers: { link } }: ErpAnswer, from: URL): URL | undefined {
    const target = /<([^>]+)>\s*;[^,]*rel="?next"?/.exec(String(link ?? ""))?.[1];
    if (target === undefined || !URL.canParse(target, from.href)) return undefined;
    const next = new URL(target, from.href);
    if (next.origin !== from.origin)
      throw new ErpError("refused", "the next page of a table is of another origin: its scheme, host or port differs");
    return next;
  }

  const records = async (kind: PullKind): Promise<ErpRecord[]> => {
    const all = recordsOf(kind, await rows(kind));
    return all.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  };

  async function put(name: string, cells: readonly (readonly unknown[])[]): Promise<void> {
    const outbox = options.outbox.endsWith("/") ? options.outbox : `${options.outbox}/`;
    const url = new URL(`${outbox}${encodeURIComponent(name)}.csv`, base);
    const body = Buffer.from(csvLines(cells)).toString("utf8");
    const answer = await call({
      method: "PUT",
      url,
      headers: { ...headers, "Content-Type": "text/csv; charset=utf-8" },
      body,
    });
    if (answer.status < 200 || answer.status >= 300)
      throw new ErpError("refused", `the file ${name}.csv was not taken: HTTP ${answer.status}`);
  }

  return {
    async test() {
      const tables = PULL_KINDS.filter((kind) => options.files[kind] !== undefined);
      if (tables.length === 0) throw new ErpError("refused", "no table is named: set options.files");
      const counts: string[] = [];
      for (const kind of tables) counts.push(`${(await records(kind)).length} ${kind}s`);
      return `tables with ${counts.join(", ")}`;
    },
    async newest(kind) {
      const newest = (await records(kind)).reduce((max, { modified }) => (modified > max ? modified : max), "");
      return newest === "" ? undefined : newest;
    },
    async page(kind, { since, after, limit }) {
      const all = await records(kind);
      // A row that does not say when it was changed is always read.
      return all
        .filter(
          ({ id, modified }) =>
            (after === undefined || id > after) && (since === undefined || modified === "" || modified >= since),
        )
        .slice(0, limit);
    },
    async read(kind, id) {
      return (await records(kind)).find((each) => each.id === id);
    },
    async existing(kind, ids) {
      const all = new Set((await records(kind)).map(({ id }) => id));
      return new Set(ids.filter((id) => all.has(id)));
    },
    async levels(itemIds, warehouseIds): Promise<ErpLevel[]> {
      const found = (await rows("level")).map((row) => ({
        itemId: row["item"] ?? "",
        warehouseId: row["warehouse"] ?? "",
        quantity: Number(row["quantity"]),
      }));
      return found.filter(
        (each) =>
          itemIds.includes(each.itemId) && warehouseIds.includes(each.warehouseId) && Number.isFinite(each.quantity),
      );
    },
    async send(document) {
      await put(document.key, cellsOf(document, 1));
      return { id: document.kind === "item" ? document.content.sku : document.key, number: `${document.key}.csv` };
    },
    async reverse(document) {
      // The file may have been taken away already. Who never saw the first one has nothing to take back.
      await put(`${document.key}-reversal`, cellsOf(document, -1));
    },
    before: (time) => time,
  };
}
