/** Of each operation of analytics the file of the page that makes its request. */
export const PAGES_OF_ANALYTICS = {
  "GET /analytics/bottlenecks": "analytics/bottlenecks.tsx",
  "GET /analytics/dwell": "analytics/dwell.tsx",
  "GET /analytics/space": "analytics/space.tsx",
  "GET /analytics/on-time": "analytics/on-time.tsx",
  "GET /analytics/throughput": "analytics/throughput.tsx",
  "GET /analytics/turns": "analytics/turns.tsx",
  "GET /analytics/inventory": "analytics/goods.tsx",
  "GET /analytics/vehicles": "analytics/vehicle-use.tsx",
  "GET /report-schedules": "analytics/report-mail.tsx",
  "POST /report-schedules": "analytics/report-mail.tsx",
  "PUT /report-schedules/{id}": "analytics/schedule-row.tsx",
  "DELETE /report-schedules/{id}": "analytics/schedule-row.tsx",
  "GET /report-schedules/{id}/deliveries": "analytics/schedule-row.tsx",
} as const;
