import { msg } from "../shared/i18n";
import { type Query, parseQuery, queryText } from "./query";

export const VIEWS = {
  cases: msg("Cases"),
  messages: msg("Messages"),
  exports: msg("Exports"),
  holds: msg("Holds and retention"),
  access: msg("My access log"),
  health: msg("Health of the log"),
} as const;
export type View = keyof typeof VIEWS | "report";

/** Where the officer is: all of it stands in the URL, so that it can be kept, shared, repeated and gone back to. */
export interface Place {
  view: View;
  query: Query;
}

const isView = (name: string | null): name is View =>
  name === "report" || (name !== null && Object.hasOwn(VIEWS, name));

export function parsePlace(search: string): Place {
  const view = new URLSearchParams(search).get("view");
  return { view: isView(view) ? view : "messages", query: parseQuery(search) };
}

export function placeText({ view, query }: Place): string {
  const text = new URLSearchParams(queryText(query));
  if (view !== "messages") text.set("view", view);
  return text.size > 0 ? `?${text}` : "";
}
