import * as z from "zod";

const answerSchema = z.object({ access_token: z.string(), expires_in: z.number().positive() });

/** Uses a one-time sign-in link as the dashboard does. */
async function signIn(link: string): Promise<z.output<typeof answerSchema>> {
  const [baseUrl, token] = link.split("#/setup/");
  const response = await fetch(new URL("auth/setup", baseUrl), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token }),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`signing in failed: ${response.status} ${await response.text()}`);
  return answerSchema.parse(await response.json());
}

/** Passes an access token to `onToken`, and a new one when half of its lifetime has passed. */
export async function startTokenRenewal(
  makeLink: () => Promise<string>,
  onToken: (token: string) => Promise<void>,
  onError: (error: unknown) => void,
): Promise<{ close(): Promise<void> }> {
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  const renewIn = (ms: number) => {
    if (!closed) timer = setTimeout(() => void renewOrRetry(), ms);
  };
  async function renew(): Promise<void> {
    const { access_token, expires_in } = await signIn(await makeLink());
    await onToken(access_token);
    renewIn(expires_in * 500);
  }
  async function renewOrRetry(): Promise<void> {
    try {
      await renew();
    } catch (error) {
      onError(error);
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
