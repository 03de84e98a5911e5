/** Where goods lie: codes or names of the locations around them, outermost first, and of their own. */
export interface Placed {
  path: readonly string[];
  sku: string;
  stockId: number;
  orderId: number;
  line: number;
}

/** "A-2" comes before "A-10". */
const collator = new Intl.Collator("en", { numeric: true });

/**
 * Sorts goods in the order in which a picker passes them: place by place from the outermost, within a place by product. What
 * several orders take from one position stands together.
 */
export const inWalkingOrder = <G extends Placed>(goods: readonly G[]): G[] =>
  goods.toSorted(
    (a, b) =>
      comparePaths(a.path, b.path) ||
      collator.compare(a.sku, b.sku) ||
      a.stockId - b.stockId ||
      a.orderId - b.orderId ||
      a.line - b.line,
  );

function comparePaths(a: readonly string[], b: readonly string[]): number {
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
    const order = collator.compare(a[at]!, b[at]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}
