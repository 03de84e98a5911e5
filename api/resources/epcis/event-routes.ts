import type { Pool } from "pg";
import { isLimited, readerOf } from "../../auth/limits.ts";
import { HANDLING, SIGNED_IN } from "../../auth/roles.ts";
import { sha256 } from "../../auth/secrets.ts";
import type { AddAuditEntry } from "../../http/audit/queries.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { runMutation } from "../../http/mutation.ts";
import { invalid, notFound, Problem } from "../../http/problem.ts";
import { eventText, withContext } from "../../integrations/epcis/answers/event-text.ts";
import { memberTexts, valueText } from "../../integrations/epcis/capture/member-texts.ts";
import { ruleProblem } from "../../integrations/epcis/capture/rules.ts";
import { appendEpcisEvents } from "../../integrations/epcis/repository/append.ts";
import { eventColumns } from "../../integrations/epcis/repository/event-columns.ts";
import { eventsAt } from "../../integrations/epcis/schema/check-document.ts";
import { senderOf } from "./capture-routes.ts";
import { answeredType, EPCIS_PROBLEMS, requestedEpcFormat } from "./headers.ts";
import { getEvent } from "./queries.ts";
import { receiveDocument } from "./receive-document.ts";
import { epcisEvent, eventParams } from "./schema.ts";

const tag = "EPCIS";
const ROUTE = "POST /epcis/events";
const LD_JSON = "application/ld+json";

interface Stores {
  pool: Pool;
  addAuditEntry: AddAuditEntry;
}

/** Single events (EPCIS 2.0 §8.2.4). */
export function registerEpcisEvents(endpoints: Endpoints, stores: Stores, companyPrefix: string | undefined): void {
  const companyPrefixes = companyPrefix === undefined ? [] : [companyPrefix];
  endpoints.custom(
    {
      route: ROUTE,
      access: HANDLING,
      tag,
      summary: "Capture one event, with its @context; one without an eventID gets its hash id",
      body: epcisEvent,
      streamedBody: [LD_JSON],
      status: 201,
      problems: {
        ...EPCIS_PROBLEMS,
        409: "there is an event with this eventID",
        404: "the sender is limited to locations or owners",
      },
    },
    async ({ principal, c }) => {
      // What is captured concerns goods wherever they are.
      if (isLimited(principal.limits)) throw notFound("resource");
      const { text, document, events } = await receiveDocument(c);
      const [event] = events;
      if (event === undefined || events.length > 1)
        throw invalid(
          "/epcisBody/eventList",
          `one event is expected here, and ${events.length} were sent: use /epcis/capture`,
        );
      const context = document["@context"] ?? [];
      const columns = eventColumns(event, context);
      const problem = ruleProblem(columns);
      if (problem !== undefined) throw new Problem(400, problem);
      const path = eventsAt(document);
      const body = path.length === 0 ? text : memberTexts(text, path)[0]!;
      const contextText = valueText(text, ["@context"]) ?? "[]";
      const bodyText = sha256(text).toString("base64");
      const request = { c, principal, spec: { route: ROUTE }, bodyText, holdsPassword: false, resource: undefined };
      const { headers } = await runMutation(stores, request, async (client) => {
        const origin = { source: "captured" as const, context, contextText, ...senderOf(principal) };
        const [appended] = await appendEpcisEvents(client, [{ event, columns, body }], origin);
        const { eventId, outcome } = appended!;
        if (outcome !== "added") throw new Problem(409, `there is an event with the eventID ${eventId}`);
        const made = { eventID: eventId };
        return { status: 201, made, headers: { Location: `/epcis/events/${encodeURIComponent(eventId)}` } };
      });
      return c.body(null, 201, { ...headers, "Cache-Control": "private, no-cache" });
    },
  );
  endpoints.custom(
    {
      route: "GET /epcis/events/{eventID}",
      access: SIGNED_IN,
      tag,
      summary:
        "Get an event as it was sent, with the context of its document. The header GS1-EPC-Format chooses how its identifiers are spelled. Of an event that " +
        "was declared wrong the declaration is answered",
      params: eventParams,
      response: epcisEvent,
      alternativeResponses: [LD_JSON],
      problems: EPCIS_PROBLEMS,
    },
    async ({ params, principal, c }) => {
      const format = requestedEpcFormat(c);
      const event = await getEvent(readerOf(stores.pool, principal), params.eventID);
      const text = withContext(eventText(event, format, companyPrefixes), event.body, event.context);
      const headers = {
        "Content-Type": answeredType(c),
        "GS1-EPC-Format": format,
        "Cache-Control": "private, no-cache",
      };
      return c.body(text, 200, headers);
    },
  );
}
