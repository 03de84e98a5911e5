/** Endpoints of other systems that are told of what happens. */
export function Webhooks() {
  return <p class="empty">There are no webhooks.</p>;
}
