let turn = 0;
let isCounting = false;

/** Numbers the turns of the event loop. */
function currentTurn(): number {
  if (!isCounting) {
    isCounting = true;
    setImmediate(() => {
      isCounting = false;
      turn++;
    });
  }
  return turn;
}

/**
 * How many packets of one client are handled in one turn of the event loop, of whatever type: the sockets of all other
 * clients have their turn before its next ones.
 */
export class TurnBudget {
  #packetsPerTurn: number;
  #left: number;
  #turn = -1;
  readonly #onNextTurn: () => void;
  #isAwaited = false;

  constructor(packetsPerTurn: number, onNextTurn: () => void) {
    this.#packetsPerTurn = packetsPerTurn;
    this.#left = packetsPerTurn;
    this.#onNextTurn = onNextTurn;
  }

  get packetsPerTurn(): number {
    return this.#packetsPerTurn;
  }

  /** Holds from the next turn on. */
  set packetsPerTurn(packets: number) {
    this.#packetsPerTurn = packets;
  }

  /** packets that may still be handled in this turn */
  get left(): number {
    const now = currentTurn();
    if (now !== this.#turn) {
      this.#turn = now;
      this.#left = this.#packetsPerTurn;
    }
    return this.#left;
  }

  take(): void {
    this.#left--;
  }

  /** Calls `onNextTurn` in the next turn. */
  awaitNext(): void {
    if (!this.#isAwaited) setImmediate(endWait, this);
    this.#isAwaited = true;
  }

  endWait(): void {
    this.#isAwaited = false;
    this.#onNextTurn();
  }
}

const endWait = (budget: TurnBudget): void => budget.endWait();
