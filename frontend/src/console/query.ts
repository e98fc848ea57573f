import { msg } from "../shared/i18n";

/** What is asked for; all of it stands in the URL, so that a query can be kept, shared and repeated. */
export interface Query {
  case?: string;
  room?: string;
  sender?: string;
  from?: string;
  to?: string;
  after?: string;
  before?: string;
  order: "newest_first" | "oldest_first";
}

export const FIELDS = ["case", "room", "sender", "from", "to", "after", "before"] as const;
export type Field = (typeof FIELDS)[number];

export const LABELS: Record<Field, string> = {
  case: msg("Case"),
  room: msg("Room"),
  sender: msg("Sender"),
  from: msg("From"),
  to: msg("Until"),
  after: msg("After message"),
  before: msg("Before message"),
};

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const EVENT = /^\d{1,5}-\d{1,15}$/;

/** Why a value cannot be asked for; nothing when it can. */
export function problemOf(field: Field, value: string): string | undefined {
  if (field === "case" || field === "room" || field === "sender")
    return UUID.test(value) ? undefined : msg("An id such as 01890a5d-ac96-774b-bcce-b302099a8057.");
  if (field === "from" || field === "to")
    return Number.isNaN(Date.parse(value)) ? msg("A time such as 2026-11-24T08:00Z.") : undefined;
  return EVENT.test(value) ? undefined : msg("A message id such as 1-4711.");
}

export function parseQuery(search: string): Query {
  const given = new URLSearchParams(search);
  const query: Query = { order: given.get("order") === "oldest_first" ? "oldest_first" : "newest_first" };
  for (const field of FIELDS) {
    const value = given.get(field);
    if (value && problemOf(field, value) === undefined) query[field] = value;
  }
  return query;
}

/** The shortest text that `parseQuery` reads as this query. */
export function queryText(query: Query): string {
  const search = new URLSearchParams();
  for (const field of FIELDS) if (query[field]) search.set(field, query[field]);
  if (query.order === "oldest_first") search.set("order", query.order);
  const text = search.toString();
  return text ? `?${text}` : "";
}

/** The parameters of the REST interface. */
export function parameters({ case: caseId, room, sender, from, to, after, before, order }: Query) {
  const instant = (text: string): string => new Date(text).toISOString();
  return {
    order,
    ...(caseId ? { case_id: caseId } : {}),
    ...(room ? { room_id: room } : {}),
    ...(sender ? { sender } : {}),
    ...(from ? { from: instant(from) } : {}),
    ...(to ? { to: instant(to) } : {}),
    ...(after ? { after } : {}),
    ...(before ? { before } : {}),
  };
}
