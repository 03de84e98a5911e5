import type { Write } from "../statement.ts";

/** A message to a device in its own protocol. */
interface DeviceReply {
  deviceId: string;
  topic: string;
  payload: Buffer;
}

/** A batch sends at most this many; the devices ask again. */
const MAX_REPLIES = 1000;

/** Sends messages to devices in their own protocols. The broker that has the device forwards it; nobody stores it. */
export function sendReplies(replies: readonly DeviceReply[]): Write {
  const notices = replies.slice(0, MAX_REPLIES).map(({ deviceId, topic, payload }) => {
    return JSON.stringify({ device: deviceId, topic, payload: payload.toString("base64") });
  });
  return {
    name: "replies",
    sql: "",
    params: [notices],
    check: "(SELECT count(pg_notify('device_replies', notice)) FROM unnest($1::text[]) AS r (notice))",
  };
}
