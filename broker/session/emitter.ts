import createEmitter, { type Message } from "mqemitter";

type Listener = (message: Message, done: () => void) => void;

/**
 * Carries ordinary topics from publishers to subscribers. Stock mqemitter keeps a queue behind its `concurrency`, and
 * releasing a queued message that nobody (any longer) listens to releases the next one inside the same call: some ten
 * thousand of them overflow the stack and end the process. Here nothing queues (publishers are held back one by one,
 * each by its own unfinished messages) and no answer is given within the call that asked.
 */
export class Emitter {
  readonly #emitter = createEmitter({ concurrency: 0 });
  /** told when a message has been given to all it is for, though none may have it yet */
  onEmitted: () => void = () => undefined;

  on(topic: string, listener: Listener, done?: () => void): this {
    this.#emitter.on(topic, listener, done);
    return this;
  }

  removeListener(topic: string, listener: Listener, done?: () => void): this {
    this.#emitter.removeListener(topic, listener, done);
    return this;
  }

  emit(message: Message, done: (error?: Error) => void = () => undefined): this {
    this.#emitter.emit(message, (error?: Error) => setImmediate(done, error));
    this.onEmitted();
    return this;
  }

  close(done: () => void): this {
    this.#emitter.close(done);
    return this;
  }
}
