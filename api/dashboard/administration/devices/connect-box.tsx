import { useEffect, useState } from "preact/hooks";
import type { Device } from "../../state/resources.ts";
import { SecretBox } from "../secret-box.tsx";

/** What a device of each kind may send, as the guide at /docs/devices has it. `NOW`: epoch milliseconds. */
const SAMPLES: Partial<Record<Device["kind"], string>> = {
  gps: '{"ts":NOW,"lat":48.1,"lon":11.5}',
  rfid: '{"ts":NOW,"epc":"urn:epc:id:sgtin:0614141.112345.400"}',
  scale: '{"ts":NOW,"grams":2000}',
  env: '{"ts":NOW,"celsius":5.2}',
  scan: '{"ts":NOW,"code":"WS00000000017","action":"load"}',
  vehicle: '{"ts":NOW,"ignition":true,"fuel":0.62,"odometer":184230500}',
};

interface ConnectBoxProps {
  device: Pick<Device, "id" | "kind">;
  /** shown only now */
  secret: string;
  isOpen: boolean;
}

/** How a device signs in: its secret, lines to copy, and a QR code for an installer's phone. */
export function ConnectBox({ device: { id, kind }, secret, isOpen }: ConnectBoxProps) {
  const host = location.hostname;
  const address = `mqtt://${encodeURIComponent(id)}:${encodeURIComponent(secret)}@${host}:1883`;
  const sample = (SAMPLES[kind] ?? '{"ts":NOW}').replace("NOW", "'$(date +%s)'000");
  return (
    <SecretBox
      label={`Secret of ${id}.`}
      values={[
        ["MQTT client id and user name", id],
        ["MQTT password", secret],
        [
          "Try it",
          `mosquitto_pub -h ${host} -p 1883 -i '${id}' -u '${id}' -P '${secret}' -q 1 -t 'devices/${id}/${kind}' -m '${sample}'`,
        ],
        ["Address for its installer", address],
      ]}
    >
      {isOpen && <Qr text={address} />}
      <p class="muted">
        By TLS it is port 8883, by HTTP port 8083; this installation may use others. Every kind and format:{" "}
        <a href="/docs/devices">how to connect a device</a>.
      </p>
    </SecretBox>
  );
}

/** Draws the code in the browser: a secret goes nowhere. Its code is loaded when it is first needed. */
function Qr({ text }: { text: string }) {
  const [picture, setPicture] = useState<string>();
  useEffect(() => {
    let isLeft = false;
    void import("uqr").then(
      ({ renderSVG }) => !isLeft && setPicture(renderSVG(text, { ecc: "M", border: 4, pixelSize: 4 })),
    );
    return () => {
      isLeft = true;
    };
  }, [text]);
  if (picture === undefined) return null;
  return (
    <img
      class="qr"
      src={`data:image/svg+xml,${encodeURIComponent(picture)}`}
      alt="QR code of the address for its installer"
      width="200"
      height="200"
    />
  );
}
