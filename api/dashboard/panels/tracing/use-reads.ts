import { useEffect, useState } from "preact/hooks";

/** Lots, pieces and assets are not part of the live stream. */
const REFRESH_MS = 15_000;

/** A version for `useLoad` that changes now and then, and when something was changed here. */
export function useReads(): [version: number, readAgain: () => void] {
  const [reads, setReads] = useState(0);
  const readAgain = () => setReads((before) => before + 1);
  useEffect(() => {
    const timer = setInterval(readAgain, REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  return [reads, readAgain];
}
