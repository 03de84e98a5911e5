import { z } from "@hono/zod-openapi";
import { principalName } from "../../auth/principal.ts";
import { HANDLING } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams } from "../../http/fields.ts";
import { idAfter, pageById, wholeListParameters } from "../../http/paging.ts";
import { found, invalid, notFound, Problem } from "../../http/problem.ts";
import { list, noContent } from "../../http/response.ts";
import { getShipment } from "../shipments/queries.ts";
import { trackingUrl } from "./address.ts";
import { addLink, listLinks, lockLinks, removeLink, removeLinks } from "./links.ts";
import { linkParams, newLinkShown, newTrackingLink, trackingLink } from "./schema.ts";

const tag = "Shipments";
/** Of one shipment. */
const MAX_LINKS = 50;

/** Links by which customers follow a shipment without an account. Those who handle shipments make and revoke them. */
export function registerTrackingLinks(endpoints: Endpoints, publicUrl: string): void {
  endpoints.read(
    {
      route: "GET /shipments/{id}/tracking-links",
      access: HANDLING,
      tag,
      summary: "List the links by which people without an account follow it",
      params: idParams,
      query: z.strictObject(wholeListParameters),
      response: z.array(trackingLink),
    },
    async ({ params, query: { limit, cursor }, c, db }) => {
      await getShipment(db, params.id);
      const rows = await listLinks(db, params.id, { after: idAfter(cursor), limit: limit + 1 });
      return list(pageById(rows, limit), c.req.url);
    },
  );
  endpoints.mutate(
    {
      route: "POST /shipments/{id}/tracking-links",
      access: HANDLING,
      tag,
      summary: "Make a link by which people without an account follow it; its token is shown only now",
      params: idParams,
      body: newTrackingLink,
      bodyOptional: true,
      response: newLinkShown,
      status: 201,
      showsSecret: true,
      problems: { 409: `it has ${MAX_LINKS} links` },
    },
    async ({ params, body, principal }, client) => {
      const { tracking_number } = await getShipment(client, params.id);
      const expiresAt = body?.expires_at ?? null;
      if (expiresAt !== null && expiresAt <= new Date()) throw invalid("/expires_at", "this is past already");
      if ((await lockLinks(client, params.id)) >= MAX_LINKS)
        throw new Problem(409, `this shipment has ${MAX_LINKS} links, which is the most: revoke one`);
      const createdBy = principalName(principal);
      const { link, token } = await addLink(client, params.id, { expiresAt, createdBy });
      const url = trackingUrl(publicUrl, token, tracking_number);
      return { status: 201, body: { ...link, token, url }, headers: { "Cache-Control": "no-store" } };
    },
  );
  endpoints.mutate(
    {
      route: "DELETE /shipments/{id}/tracking-links",
      access: HANDLING,
      tag,
      summary: "Revoke all links: they show nothing from now on, those of labels neither",
      params: idParams,
      audited: {
        table: "shipments",
        read: async (client, { id }) => ({
          tracking_links: (await listLinks(client, id, { after: 0, limit: MAX_LINKS })).length,
        }),
      },
      status: 204,
    },
    async ({ params }, client) => {
      await getShipment(client, params.id);
      await removeLinks(client, params.id);
      return noContent;
    },
  );
  endpoints.mutate(
    {
      route: "DELETE /shipments/{id}/tracking-links/{link_id}",
      access: HANDLING,
      tag,
      summary:
        "Revoke a link: it shows nothing from now on. After that of the labels, the next label that is printed has a new one",
      params: linkParams,
      audited: {
        table: "shipments",
        read: async (client, { id, link_id: linkId }) => {
          const [next] = await listLinks(client, id, { after: linkId - 1, limit: 1 });
          return found(next?.id === linkId ? next : undefined, "link");
        },
      },
      status: 204,
    },
    async ({ params }, client) => {
      await getShipment(client, params.id);
      if (!(await removeLink(client, params.id, params.link_id))) throw notFound("link");
      return noContent;
    },
  );
}
