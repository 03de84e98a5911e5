import { post, remove } from "../../state/client.ts";
import { useWrite } from "../controls/use-write.ts";

/** Ingest tries a message again within a second or two. */
const RETRY_SHOWS_MS = 2_000;

/**
 * What people do with a message in quarantine.
 * @param readAgain is called when what is shown may have changed
 */
export function useQuarantine(readAgain: () => void) {
  const { busy, problem, run } = useWrite();
  return {
    busy,
    problem,
    retry: (id: number): Promise<boolean> =>
      run(async () => {
        await post(`/quarantine/${id}/retry`, {});
        await new Promise((resolve) => setTimeout(resolve, RETRY_SHOWS_MS));
        readAgain();
      }),
    drop: (id: number): Promise<boolean> =>
      run(async () => {
        await remove(`/quarantine/${id}`);
        readAgain();
      }),
  };
}
