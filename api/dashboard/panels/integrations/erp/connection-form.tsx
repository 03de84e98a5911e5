import { useState } from "preact/hooks";
import type { ErpConnection, NewErpConnection } from "../../../state/resources.ts";
import { ProblemText } from "../../controls/problem-text.tsx";
import { useWrite } from "../../controls/use-write.ts";
import { fieldsOf } from "./connection-fields.ts";
import { CREDENTIALS, KINDS, TABLES } from "./connection-kinds.ts";

export type Choices = readonly (readonly [id: number, name: string])[];

interface ConnectionFormProps {
  label: string;
  action: string;
  /** undefined: a new one */
  connection?: ErpConnection;
  locations: Choices;
  onSubmit: (fields: NewErpConnection) => Promise<unknown>;
}

/** Where an ERP is, what signs in to it, and what is kept in step. */
export function ConnectionForm({ label, action, connection, locations, onSubmit }: ConnectionFormProps) {
  const { busy, problem, run } = useWrite();
  const [kind, setKind] = useState(connection?.kind ?? "odoo");
  const options = connection?.options;
  return (
    <form
      class="fields"
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault();
        const given = new FormData(event.currentTarget);
        void run(() => onSubmit(fieldsOf(given, kind, connection)));
      }}
    >
      <label>
        Name
        <input name="name" required maxLength={255} autocomplete="off" defaultValue={connection?.name ?? ""} />
      </label>
      {connection === undefined && (
        <label>
          System
          <select value={kind} onChange={(event) => setKind(event.currentTarget.value as typeof kind)}>
            {Object.entries(KINDS).map(([value, text]) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </select>
        </label>
      )}
      <label>
        Address
        <input
          name="url"
          type="url"
          required
          maxLength={2000}
          autocomplete="off"
          placeholder="https://erp.example.com"
          defaultValue={connection?.url ?? ""}
        />
      </label>
      {kind === "odoo" && (
        <label>
          Database
          <input name="database" maxLength={255} autocomplete="off" defaultValue={connection?.database ?? ""} />
        </label>
      )}
      {kind === "erpnext" && (
        <label>
          Company, if there are several
          <input name="company" maxLength={255} autocomplete="off" defaultValue={options?.company ?? ""} />
        </label>
      )}
      {CREDENTIALS[kind].map(([name, text, isSecret]) => (
        <label key={name}>
          {text}
          {connection !== undefined && " (empty: as it is)"}
          {isSecret ? (
            <input name={`credential.${name}`} type="password" maxLength={2000} autocomplete="off" />
          ) : (
            <input name={`credential.${name}`} maxLength={2000} autocomplete="off" />
          )}
        </label>
      ))}
      <fieldset>
        <legend>Which place is which warehouse there (its id, or in ERPNext its name); empty: none</legend>
        {locations.map(([id, name]) => (
          <label key={id}>
            {name}
            <input
              name={`warehouse.${id}`}
              maxLength={255}
              autocomplete="off"
              defaultValue={options?.warehouses?.find(({ location_id }) => location_id === id)?.external_id ?? ""}
            />
          </label>
        ))}
      </fieldset>
      {kind === "generic" && (
        <fieldset>
          <legend>Paths of tables (CSV or JSON); empty: there is none</legend>
          {TABLES.map(([name, text]) => (
            <label key={name}>
              {text}
              <input
                name={`file.${name}`}
                maxLength={500}
                autocomplete="off"
                defaultValue={options?.files?.[name] ?? ""}
              />
            </label>
          ))}
        </fieldset>
      )}
      <label>
        Minutes between two looks
        <input
          name="minutes"
          type="number"
          min={1}
          max={1440}
          required
          defaultValue={Math.max(1, Math.round((options?.interval_s ?? 60) / 60))}
        />
      </label>
      <label class="check">
        <input name="both" type="checkbox" defaultChecked={options?.sync?.items === "both"} /> Tell the ERP of items
        that are made or changed here
      </label>
      <label class="check">
        <input name="sales" type="checkbox" defaultChecked={options?.sync?.sales === "both"} /> Make customer orders
        that are placed here in the ERP, too
      </label>
      <label class="check">
        <input name="purchases" type="checkbox" defaultChecked={options?.sync?.purchases === "both"} /> Make restock
        orders that are placed here in the ERP, too
      </label>
      <label class="check">
        <input name="automatic" type="checkbox" defaultChecked={options?.ship === "automatic"} /> Pick, pack and ship
        orders without a person once all is reserved
      </label>
      <label class="check">
        <input name="enabled" type="checkbox" defaultChecked={connection?.enabled ?? true} /> Turned on
      </label>
      <ProblemText problem={problem} />
      <div class="actions">
        <button type="submit" class="primary" disabled={busy}>
          {action}
        </button>
      </div>
    </form>
  );
}
