/** The session that a call is about: an Aedes client, or its id alone. */
export interface SessionOwner {
  /** client id */
  id: string;
}

export type Payload = Buffer | string;

/** A message as Aedes hands it over. */
export interface Message {
  cmd?: "publish";
  topic: string;
  payload?: Payload;
  qos?: number;
  dup?: boolean;
  /** the broker that took the message in */
  brokerId?: string;
  /** numbers the messages of that broker */
  brokerCounter?: number;
}

/** A message that is being written to the client. */
export interface SentMessage extends Message {
  messageId: number;
}

/** A message in the queue of a session, with the fields of an Aedes packet. */
export interface QueuedMessage {
  cmd: "publish";
  brokerId: string | undefined;
  brokerCounter: number;
  topic: string;
  payload: Payload;
  qos: number;
  retain: false;
  dup: boolean;
  /** undefined until the message is sent for the first time */
  messageId: number | undefined;
}

/** Takes the place of a QoS 2 message once the client has sent PUBREC. */
export interface QueuedPubrel {
  cmd: "pubrel";
  messageId: number;
}

export type QueuedPacket = QueuedMessage | QueuedPubrel;

/**
 * The payload in memory of its own. As it comes from the parser it is a view of a whole read of the socket, up to 64 KB,
 * which would stay in memory as long as the message.
 */
export function copyPayload(payload: Payload): Payload {
  return typeof payload === "string" ? payload : Buffer.from(new Uint8Array(payload).buffer);
}
