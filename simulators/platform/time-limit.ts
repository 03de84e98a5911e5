/**
 * Runs a request that is over after `ms` milliseconds at the latest. The signal ends the request; the promise is rejected in
 * any case, since fetch may lose its signal when garbage is collected (https://github.com/nodejs/undici/issues/4068).
 */
export async function withTimeLimit<T>(ms: number, request: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const isOver = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new Error(`no answer within ${ms} ms`);
      controller.abort(error);
      reject(error);
    }, ms);
  });
  try {
    return await Promise.race([request(controller.signal), isOver]);
  } finally {
    clearTimeout(timer);
  }
}
