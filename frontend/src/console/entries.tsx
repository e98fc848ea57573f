import type { ReactNode } from "react";
import type { Scope, StoredEvent } from "../api/types";
import { Person, RoomName, ScopeText } from "./names";
import { ACTIONS, type Action, instant, periodOf } from "./words";
import { Scroll } from "./scroll";

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
  const titles = ["When", ...(withActor ? ["Who"] : []), "What", "Details", "Leaf"];
  return (
    <Scroll label="Entries of the log">
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
              {withActor && <td className="p-2">{event.actor ? <Person id={event.actor} /> : "the service"}</td>}
              <td className="p-2">{event.kind.replaceAll("_", " ")}</td>
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
  access?: { messages?: number; approval_id?: string };
  scope?: Scope;
  action?: Action;
}

function Details({ event: { kind, body } }: { event: StoredEvent }) {
  const { filter, access, scope, action, reason, note, number, granted, ids, kind_filter } = (body ?? {}) as Body;
  switch (kind) {
    case "messages_queried":
    case "export_started":
      return (
        <>
          {access?.messages ?? 0} messages: <FilterText filter={filter ?? {}} />
          {access?.approval_id ? ", with consent" : ""}
        </>
      );
    case "decryption_granted":
      return (
        <>
          {Array.isArray(ids) ? ids.length : (access?.messages ?? 0)} texts
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
      return (
        <>
          to {action && ACTIONS[action]}: {String(reason)}
        </>
      );
    case "approval_decided":
      return (
        <>
          {granted ? "granted" : "refused"}: {String(reason)}
        </>
      );
    case "hold_released":
      return <>{String(reason)}</>;
    case "events_queried":
      return <>entries of the log{kind_filter ? ` of the kind ${String(kind_filter).replaceAll("_", " ")}` : ""}</>;
    default:
      return <span className="font-mono break-all">{JSON.stringify(body)}</span>;
  }
}

function FilterText({ filter: { room_id, sender, from, to } }: { filter: NonNullable<Body["filter"]> }) {
  return (
    <>
      {room_id ? <RoomName id={room_id} /> : "every room"}
      {", "}
      {sender ? <Person id={sender} /> : "everybody"}
      {", "}
      {periodOf({ from: from ?? null, to: to ?? null })}
    </>
  );
}
