import type { Pool, PoolClient, QueryConfig } from "pg";

/** A rollback that takes longer does not come back, milliseconds. */
const ROLLBACK_MS = 2_000;
const ROLLBACK: QueryConfig & { query_timeout: number } = { text: "ROLLBACK", query_timeout: ROLLBACK_MS };
/** The driver's word for a query whose answer did not come in time: it may still come, so the connection is of no use. */
const UNANSWERED = /read timeout/i;

/**
 * Lends a connection that comes back to the pool clean: an open transaction is rolled back, and where there is any doubt
 * about the connection it is closed instead.
 */
export async function withClient<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const onBroken = (error: Error) => (broken = error);
  // Only this event reports a connection that breaks while no query runs; without a listener it would end the process.
  client.on("error", onBroken);
  try {
    return await work(client);
  } catch (error) {
    if (error instanceof Error && UNANSWERED.test(error.message)) broken = error;
    throw error;
  } finally {
    if (broken === undefined && client.getTransactionStatus() !== "I") await client.query(ROLLBACK).catch(onBroken);
    client.off("error", onBroken);
    client.release(broken);
  }
}
