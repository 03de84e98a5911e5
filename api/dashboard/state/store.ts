import { useLayoutEffect, useState } from "preact/hooks";

/** A value that calls its listeners when it is replaced. Values are never changed in place. */
export interface Store<T> {
  get(): T;
  set(next: T): void;
  subscribe(listener: () => void): () => void;
}

export function createStore<T>(initial: T): Store<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** The store's value. The component renders again when it is replaced. */
export function useStore<T>(store: Store<T>): T {
  const [value, setValue] = useState<T>(() => store.get());
  useLayoutEffect(() => {
    const read = () => setValue(() => store.get());
    read(); // the value may have been replaced between rendering and subscribing
    return store.subscribe(read);
  }, [store]);
  return value;
}
