/** A subscription of a stored session. The MQTT 5 fields come from Aedes, which asks for them back. */
export interface StoredSubscription {
  /** the filter */
  topic: string;
  qos: number;
  /** retain handling */
  rh?: number | undefined;
  /** retain as published */
  rap?: boolean | undefined;
  /** no local */
  nl?: boolean | undefined;
  subscriptionIdentifier?: number;
}

/** A subscription that matches a topic, and whose it is. */
export interface MatchedSubscription {
  clientId: string;
  topic: string;
  qos: number;
  rh: number | undefined;
  rap: boolean | undefined;
  nl: boolean | undefined;
}

/** One level of the filters that begin alike. */
interface Node {
  readonly children: Map<string, Node>;
  /** by client id: the subscriptions whose filter ends here */
  readonly subscribers: Map<string, MatchedSubscription>;
}

const newNode = (): Node => ({ children: new Map(), subscribers: new Map() });

/**
 * Finds the subscriptions of stored sessions that match a topic, in a tree of topic levels. An empty level is a level,
 * which `+` matches too (section 4.7.1.3).
 */
export class SubscriptionIndex {
  readonly #root = newNode();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Replaces the subscription of this client with the same filter. */
  add(clientId: string, { topic, qos, rh, rap, nl }: StoredSubscription): void {
    let node = this.#root;
    for (const level of topic.split("/")) {
      let child = node.children.get(level);
      if (!child) node.children.set(level, (child = newNode()));
      node = child;
    }
    if (!node.subscribers.has(clientId)) this.#size++;
    node.subscribers.set(clientId, { clientId, topic, qos, rh, rap, nl });
  }

  remove(clientId: string, filter: string): void {
    const levels = filter.split("/");
    const path = [this.#root];
    for (const level of levels) {
      const child = path.at(-1)!.children.get(level);
      if (!child) return;
      path.push(child);
    }
    if (!path.at(-1)!.subscribers.delete(clientId)) return;
    this.#size--;
    for (let depth = levels.length; depth > 0; depth--) {
      const { children, subscribers } = path[depth]!;
      if (children.size > 0 || subscribers.size > 0) return;
      path[depth - 1]!.children.delete(levels[depth - 1]!);
    }
  }

  /** One client may be in the list several times, by several filters. */
  match(topic: string): MatchedSubscription[] {
    const levels = topic.split("/");
    const found: MatchedSubscription[] = [];
    const visit = (node: Node, depth: number): void => {
      // A leading wildcard does not match a topic that begins with "$" [MQTT-4.7.2-1].
      const wildcards = depth > 0 || !topic.startsWith("$");
      // "#" matches the level it stands below as well (section 4.7.1.2).
      if (wildcards) collect(node.children.get("#"), found);
      if (depth === levels.length) return collect(node, found);
      const plus = wildcards ? node.children.get("+") : undefined;
      if (plus) visit(plus, depth + 1);
      const child = node.children.get(levels[depth]!);
      if (child) visit(child, depth + 1);
    };
    visit(this.#root, 0);
    return found;
  }
}

function collect(node: Node | undefined, into: MatchedSubscription[]): void {
  if (node) for (const subscription of node.subscribers.values()) into.push({ ...subscription });
}
