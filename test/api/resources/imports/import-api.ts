import { startApi, type TestApi, type TestResponse } from "../../support.ts";

export interface ImportError {
  line: number;
  column: string | null;
  message: string;
}

export interface Report {
  id: number;
  state: string;
  rows: number;
  created: number;
  updated: number;
  unchanged: number;
  refused: number;
  errors: ImportError[];
  format: Record<string, unknown>;
  problem: string | null;
}

export interface ImportApi extends TestApi {
  call(request: string, body?: unknown, headers?: Record<string, string>): Promise<TestResponse>;
  /** sends a file as an administrator */
  send(
    kind: string,
    file: string | Uint8Array,
    options?: { dryRun?: boolean; type?: string },
  ): Promise<{ status: number; body: Report & { errors: { pointer?: string }[]; detail?: string } }>;
  /** the text of an export */
  exported(kind: string): Promise<string>;
}

export async function startImportApi(): Promise<ImportApi> {
  const api = await startApi();
  const token = await api.tokenOf("admin");
  const authorization = { Authorization: `Bearer ${token}` };
  return {
    ...api,
    call: await api.as("admin"),
    async send(kind, file, { dryRun = false, type = "text/csv" } = {}) {
      const response = await api.app.request(`/imports/${kind}${dryRun ? "?dry_run=true" : ""}`, {
        method: "POST",
        headers: { ...authorization, "Content-Type": type },
        body: file as Uint8Array<ArrayBuffer>,
      });
      return { status: response.status, body: (await response.json()) as never };
    },
    async exported(kind) {
      return (await api.app.request(`/exports/${kind}.csv`, { headers: authorization })).text();
    },
  };
}

export const counts = ({ rows, created, updated, unchanged, refused }: Report): number[] => [
  rows,
  created,
  updated,
  unchanged,
  refused,
];
