import type { ReactNode } from "react";
import type { Scope, StoredEvent } from "../api/types";
import { Person, RoomName, ScopeText } from "./names";
import { type Action, actionName, instant, kindName, periodOf } from "./words";
import { Scroll } from "./scroll";
import { plural, t } from "../shared/i18n";

/** Entries of the log in words; what has none is shown as it is. */
export function EntryTable({
  events,
  caption,
  withActor,
}: {
  events: StoredEvent[];
  caption: ReactNode;
  withActor: boolean;
}) {
  const titles = [t("When"), ...(withActor ? [t("Who")] : []), t("What"), t("Details"), t("Leaf")];
  return (
    <Scroll label={t("Entries of the log")}>
      <table className="w-full border-collapse bg-surface text-left text-sm">
        <caption className="p-2 text-left text-muted">{caption}</caption>
        <thead className="bg-sunken">
          <tr>
            {titles.map((title) => (
              <th key={title} scope="col" className="p-2 font-medium">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {events.map((event) => (
            <tr key={event.event_id} className="border-t border-line align-top">
              <td className="p-2 whitespace-nowrap">{instant(event.at)}</td>
              {withActor && <td className="p-2">{event.actor ? <Person id={event.actor} /> : t("the service")}</td>}
              <td className="p-2">{kindName(event.kind)}</td>
              <td className="min-w-56 p-2 break-words">
                <Details event={event} />
              </td>
              <td className="p-2 tabular-nums">{event.leaf_index}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

interface Body {
  [field: string]: unknown;
  filter?: { room_id?: string; sender?: string; from?: string; to?: string };
  /** Messages that the answer held, and the consent that allowed it; neither without a case. */
  count?: number;
  approval_id?: string;
  scope?: Scope;
  action?: Action;
}

function Details({ event: { kind, body } }: { event: StoredEvent }) {
  const { filter, count, approval_id, scope, action, reason, note, number, granted, ids, kind_filter } = (body ??
    {}) as Body;
  switch (kind) {
    case "messages_queried":
    case "export_started":
      return (
        <>
          {count !== undefined && `${plural(count, "{count} message", "{count} messages")}: `}
          <FilterText filter={filter ?? {}} />
          {approval_id ? `, ${t("with consent")}` : ""}
        </>
      );
    case "decryption_granted":
      return (
        <>
          {plural(Array.isArray(ids) ? ids.length : (count ?? 0), "{count} text", "{count} texts")}
          {Array.isArray(ids) && `: ${ids.slice(0, 8).join(", ")}${ids.length > 8 ? " …" : ""}`}
        </>
      );
    case "case_opened":
      return (
        <>
          {String(number)}: {String(reason)}; {scope && <ScopeText scope={scope} />}
        </>
      );
    case "hold_placed":
      return (
        <>
          {String(reason)}; {scope && <ScopeText scope={scope} />}
        </>
      );
    case "case_closed":
      return <>{String(note)}</>;
    case "approval_requested":
      return <>{t("to {action}: {reason}", { action: action ? actionName(action) : "", reason: String(reason) })}</>;
    case "approval_decided":
      return (
        <>
          {granted ? t("granted") : t("refused")}: {String(reason)}
        </>
      );
    case "hold_released":
      return <>{String(reason)}</>;
    case "events_queried":
      return (
        <>
          {kind_filter
            ? t("entries of the log of the kind {kind}", { kind: kindName(String(kind_filter)) })
            : t("entries of the log")}
        </>
      );
    default:
      return <span className="font-mono break-all">{JSON.stringify(body)}</span>;
  }
}

function FilterText({ filter: { room_id, sender, from, to } }: { filter: NonNullable<Body["filter"]> }) {
  return (
    <>
      {room_id ? <RoomName id={room_id} /> : t("every room")}
      {", "}
      {sender ? <Person id={sender} /> : t("everybody")}
      {", "}
      {periodOf({ from: from ?? null, to: to ?? null })}
    </>
  );
}
