import { useQuery } from "@tanstack/react-query";
import { api } from "../api/client";
import type { Scope } from "../api/types";
import { periodOf, when } from "./words";
import { rich } from "../shared/rich";
import { t } from "../shared/i18n";

const short = (id: string): string => `…${id.slice(-8)}`;

/** When something was done, by whom, and where the log says so. */
export function Done({ at, by, leaf }: { at: string; by: string; leaf: number }) {
  return <>{rich("{time} by {person}, leaf {leaf}", { time: when(at), person: <Person id={by} />, leaf })}</>;
}

/** An account by its name; by the end of its id while, or if, the directory does not say. */
export function Person({ id }: { id: string }) {
  const user = useQuery({ queryKey: ["user", id], queryFn: () => api.user(id) });
  return user.data ? (
    <span title={id}>{user.data.username}</span>
  ) : (
    <span className="font-mono" title={id}>
      {short(id)}
    </span>
  );
}

/** The officer's own rooms; other rooms have names only for their members. */
export function useRooms() {
  return useQuery({ queryKey: ["rooms"], queryFn: api.rooms });
}

export function RoomName({ id }: { id: string }) {
  const rooms = useRooms();
  const name = rooms.data?.find((room) => room.room_id === id)?.name;
  return name ? (
    <span title={id}>{name}</span>
  ) : (
    <span className="font-mono" title={t("Room {id}: its name is known to its members only", { id })}>
      {t("room {id}", { id: short(id) })}
    </span>
  );
}

/** What a case or a hold is about, in a sentence. */
export function ScopeText({ scope }: { scope: Scope }) {
  const { rooms = [], people = [] } = scope;
  return (
    <>
      {rooms.length === 0
        ? t("every room")
        : rooms.map((id, at) => <Listed key={id} at={at} item={<RoomName id={id} />} />)}
      {", "}
      {people.length === 0
        ? t("everybody")
        : people.map((id, at) => <Listed key={id} at={at} item={<Person id={id} />} />)}
      {", "}
      {periodOf(scope)}
    </>
  );
}

function Listed({ at, item }: { at: number; item: React.ReactNode }) {
  return (
    <>
      {at > 0 && ` ${t("and")} `}
      {item}
    </>
  );
}
