import createEmitter, { type Message } from "mqemitter";

type Listener = (message: Message, done: () => void) => void;

/**
 * Carries ordinary topics from publishers to subscribers. With a `concurrency` mqemitter queues messages, and one that
 * has no listener (any longer) releases the next within the same call: some ten thousand of them overflow the stack and
 * end the process. Here no message is queued, for each publisher is held back by its own unfinished messages, and no
 * callback runs within the call that it answers.
 */
export class Emitter {
  readonly #emitter = createEmitter({ concurrency: 0 });
  /** called when a message has been handed to all its subscribers, before they have written it */
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
