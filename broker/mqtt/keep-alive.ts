/** How long a client may be silent: until its CONNECT at first, then one and a half times its keep alive [MQTT-3.1.2-24]. */
export class KeepAlive {
  #maxSilenceMs: number;
  #lastPacketAtMs = performance.now();
  #hasConnect = false;

  constructor(connectTimeoutMs: number) {
    this.#maxSilenceMs = connectTimeoutMs;
  }

  /** Packets have arrived. @param keepaliveSeconds of the client's CONNECT; 0: it may be silent for as long as it likes */
  restart(keepaliveSeconds: number | undefined): void {
    this.#hasConnect = true;
    this.#lastPacketAtMs = performance.now();
    this.#maxSilenceMs = (keepaliveSeconds || Infinity) * 1500;
  }

  /**
   * @param nowMs monotonic clock
   * @param isPaused the client is not read, so that nothing can arrive, whatever it sends
   * @returns the rule that the client breaks; undefined: none
   */
  violation(nowMs: number, isPaused: boolean): string | undefined {
    if (nowMs - this.#lastPacketAtMs < this.#maxSilenceMs) return undefined;
    if (!this.#hasConnect) return "no CONNECT in time (section 3.1)";
    if (!isPaused) return "silent for one and a half times its keep alive [MQTT-3.1.2-24]";
    this.#lastPacketAtMs = nowMs;
    return undefined;
  }
}
