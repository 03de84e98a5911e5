/** Device and account ids have at most 128 characters: no longer name can be found. */
const MAX_NAME_LENGTH = 128;
/** names and access tokens of one query */
const MAX_SIZE = 1000;

/**
 * Names that clients use and that the cache does not know, or not with these credentials. They are looked up by one query,
 * however many they are: names that do not exist cannot use up what a new device needs.
 */
export class CredentialLookup {
  readonly #names = new Set<string>();
  readonly #accessTokens = new Set<string>();
  #settle: (isDone: boolean) => void = () => undefined;
  /** resolves when the names have been read; false: Postgres is unavailable */
  readonly done = new Promise<boolean>((resolve) => (this.#settle = resolve));

  get isFull(): boolean {
    return this.#names.size + this.#accessTokens.size >= MAX_SIZE;
  }

  get names(): readonly string[] {
    return [...this.#names];
  }

  /** hex SHA-256 of the access tokens that clients sent as user names */
  get accessTokens(): readonly string[] {
    return [...this.#accessTokens];
  }

  addName(name: string): void {
    if (name.length <= MAX_NAME_LENGTH) this.#names.add(name);
  }

  addAccessToken(sha256: string): void {
    this.#accessTokens.add(sha256);
  }

  settle(isDone: boolean): void {
    this.#settle(isDone);
  }
}
