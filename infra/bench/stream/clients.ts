/** Adds API clients and signs them in. @returns an access token of each */
export async function signInClients(
  apiUrl: string,
  account: { email: string; password: string },
  count: number,
): Promise<string[]> {
  const json = { "content-type": "application/json" };
  const { access_token: admin } = await answerOf<{ access_token: string }>(
    await fetch(`${apiUrl}/auth/login`, { method: "POST", headers: json, body: JSON.stringify(account) }),
  );
  const tokens: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const client = await answerOf<{ client_id: string; client_secret: string }>(
      await fetch(`${apiUrl}/api-clients`, {
        method: "POST",
        headers: { ...json, authorization: `Bearer ${admin}` },
        body: JSON.stringify({ name: `bench ${index}`, role: "viewer" }),
      }),
    );
    const basic = Buffer.from(`${client.client_id}:${client.client_secret}`).toString("base64");
    const { access_token: token } = await answerOf<{ access_token: string }>(
      await fetch(`${apiUrl}/oauth/token`, {
        method: "POST",
        headers: { authorization: `Basic ${basic}`, "content-type": "application/x-www-form-urlencoded" },
        body: "grant_type=client_credentials",
      }),
    );
    tokens.push(token);
  }
  return tokens;
}

async function answerOf<T>(answer: Response): Promise<T> {
  if (!answer.ok) throw new Error(`${new URL(answer.url).pathname} answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as T;
}
