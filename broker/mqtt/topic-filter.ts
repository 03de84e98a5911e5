/** Whether `filter` matches `topic` (MQTT 3.1.1 section 4.7). A leading wildcard never matches a topic that begins with `$`. */
export function filterMatches(filter: string, topic: string): boolean {
  // [MQTT-4.7.2-1]
  if (topic.startsWith("$") && /^[+#]/.test(filter)) return false;
  return levelsCover(filter.split("/"), topic.split("/"));
}

/** Whether `filter` matches every topic that `narrower` matches. */
export function filterCovers(filter: string, narrower: string): boolean {
  if (narrower.startsWith("$") && !filter.startsWith("$")) return false;
  return levelsCover(filter.split("/"), narrower.split("/"));
}

function levelsCover(wide: string[], narrow: string[]): boolean {
  for (let level = 0; level < wide.length; level++) {
    // "#" stands for its parent level as well (section 4.7.1.2).
    if (wide[level] === "#") return true;
    const other = narrow[level];
    if (other === undefined || other === "#") return false;
    if (wide[level] !== "+" && wide[level] !== other) return false;
  }
  return wide.length === narrow.length;
}
