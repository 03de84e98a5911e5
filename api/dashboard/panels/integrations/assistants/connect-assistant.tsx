import { CopyField } from "../../controls/copy-field.tsx";

interface ConnectAssistantProps {
  url: string;
  tokenUrl: string;
  mayAddClients: boolean;
}

/** What people copy into the settings of an assistant. */
export function ConnectAssistant({ url, tokenUrl, mayAddClients }: ConnectAssistantProps) {
  const settings = { type: "http", url, headers: { Authorization: "Bearer TOKEN" } };
  return (
    <section class="card" aria-label="Connect an assistant">
      <p>
        <strong>Assistants may ask.</strong>
      </p>
      <CopyField name="Address" value={url} />
      <ol class="steps">
        <li>
          {mayAddClients ? (
            <a href="#/administration/api-clients">Add an API client</a>
          ) : (
            "Ask an administrator for an API client"
          )}
          , best with the role viewer and limited to the places that the assistant may know of.
        </li>
        <li>
          Get a token with its id and secret. A token is valid for 15 minutes: a program that asks for longer gets the
          next one by the same request.
          <CopyField
            name="Get a token"
            value={`curl -u "CLIENT_ID:CLIENT_SECRET" -d grant_type=client_credentials ${tokenUrl}`}
          />
        </li>
        <li>
          Give the assistant the address and the token (<code>access_token</code> of the answer).
          <CopyField name="Settings of the assistant" value={JSON.stringify({ mcpServers: { waystock: settings } })} />
        </li>
      </ol>
    </section>
  );
}
