import * as z from "zod";

const answerSchema = z.object({ access_token: z.string(), expires_in: z.number().positive() });

/** Uses a one-time sign-in link as the page does. */
async function signIn(link: string): Promise<z.output<typeof answerSchema>> {
  const [page, token] = link.split("#/setup/");
  const response = await fetch(new URL("auth/setup", page), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token }),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`signing in failed: ${response.status} ${await response.text()}`);
  return answerSchema.parse(await response.json());
}

/** Hands an access token to `use`, and a new one whenever half of its life is over. */
export async function startTokenRenewal(
  makeLink: () => Promise<string>,
  use: (token: string) => Promise<void>,
  onTrouble: (error: unknown) => void,
): Promise<{ close(): Promise<void> }> {
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  const renewIn = (ms: number) => {
    if (!closed) timer = setTimeout(() => void renewOrRetry(), ms);
  };
  async function renew(): Promise<void> {
    const { access_token, expires_in } = await signIn(await makeLink());
    await use(access_token);
    renewIn(expires_in * 500);
  }
  async function renewOrRetry(): Promise<void> {
    try {
      await renew();
    } catch (error) {
      onTrouble(error);
      renewIn(5_000);
    }
  }
  await renew();
  return {
    async close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
