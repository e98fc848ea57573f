import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { BellOff, Globe, Hash, Lock, Plus, Search, SquarePen } from "lucide-react";
import type { ReactNode } from "react";
import type { Room } from "../../api/types";
import { useCore } from "../../shared/core-store";
import { t } from "../../shared/i18n";
import { usePrefs } from "../../shared/prefs";
import { Button } from "../../ui/button";
import { Logo } from "../../ui/logo";
import { mineInOrder, roomsQuery } from "./queries";

interface Props {
  footer: ReactNode;
  onSearch: () => void;
  onCreate: () => void;
}

/** The rooms of the person who is signed in, and those that it could join. */
export function Sidebar({ footer, onSearch, onCreate }: Props) {
  const { data: rooms, error, refetch } = useQuery(roomsQuery);
  const mine = mineInOrder(rooms ?? []);
  const direct = mine.filter((room) => room.peer);
  const others = rooms?.filter((room) => !room.role) ?? [];
  return (
    <nav aria-label={t("Rooms")} className="flex h-full flex-col bg-sunken/60">
      <div className="flex items-center gap-2.5 px-4 pt-4 pb-3">
        <Logo className="size-8" />
        <span className="grow text-[1.05rem] font-semibold tracking-tight">Sealcast</span>
        <Button variant="quiet" size="icon" aria-label={t("Search")} title={t("Search (Ctrl+K)")} onClick={onSearch}>
          <Search className="size-5" aria-hidden="true" />
        </Button>
        <Button
          variant="quiet"
          size="icon"
          aria-label={t("Create a room")}
          title={t("Create a room")}
          onClick={onCreate}
        >
          <Plus className="size-5" aria-hidden="true" />
        </Button>
      </div>
      <div className="thin-scroll min-h-0 grow overflow-y-auto px-2 pb-4">
        {error && (
          <p className="px-3 py-2 text-sm text-muted">
            {t("The rooms could not be loaded.")}{" "}
            <button type="button" className="text-accent hover:underline" onClick={() => void refetch()}>
              {t("Try again")}
            </button>
          </p>
        )}
        <ul className="grid grid-cols-1 gap-0.5">
          {mine.map((room) => !room.peer && <RoomLink key={room.room_id} room={room} />)}
        </ul>
        <div className="flex items-center justify-between ps-3 pe-1 pt-4 pb-0.5">
          <h2 className="text-xs font-semibold text-muted">{t("Direct messages")}</h2>
          <Button
            variant="quiet"
            size="icon"
            aria-label={t("Write to somebody")}
            title={t("Write to somebody")}
            onClick={onSearch}
          >
            <SquarePen className="size-4" aria-hidden="true" />
          </Button>
        </div>
        <ul aria-label={t("Direct messages")} className="grid grid-cols-1 gap-0.5">
          {direct.map((room) => (
            <RoomLink key={room.room_id} room={room} />
          ))}
        </ul>
        {others.length > 0 && (
          <>
            <h2 className="px-3 pt-5 pb-1.5 text-xs font-semibold text-muted">{t("You could join")}</h2>
            <ul className="grid grid-cols-1 gap-0.5">
              {others.map((room) => (
                <RoomLink key={room.room_id} room={room} />
              ))}
            </ul>
          </>
        )}
      </div>
      <div className="border-t border-line p-2">{footer}</div>
    </nav>
  );
}

function RoomLink({ room }: { room: Room }) {
  // What is on the screen is about to be read: a count would only flicker.
  const onScreen = useParams({ strict: false }).roomId === room.room_id;
  const unread = useCore((store) => (onScreen ? 0 : (store.unread[room.room_id]?.count ?? 0)));
  const mentions = useCore((store) => (onScreen ? 0 : (store.unread[room.room_id]?.mentions ?? 0)));
  const muted = usePrefs((prefs) => prefs.mutedRooms.includes(room.room_id));
  return (
    <li>
      <Link
        to="/rooms/$roomId"
        params={{ roomId: room.room_id }}
        className="flex items-center gap-2.5 rounded-xl px-3 py-2 text-ink/85 pointer-coarse:py-3 hover:bg-line/50"
        activeProps={{ className: "bg-accent-soft! text-ink! font-medium" }}
      >
        <RoomMark room={room} />
        <span className={`grow truncate ${unread > 0 && !muted ? "font-semibold text-ink" : ""}`}>{room.name}</span>
        {room.requested && <span className="text-xs text-muted">{t("asked")}</span>}
        {muted && <BellOff className="size-3.5 shrink-0 text-muted" role="img" aria-label={t("Muted")} />}
        {mentions > 0 && (
          <span title={t("You were mentioned")} className="text-sm font-bold text-accent">
            @<span className="sr-only"> {t("you were mentioned")}</span>
          </span>
        )}
        {unread > 0 && (
          <span
            className={`min-w-5 rounded-full px-1.5 text-center text-xs leading-5 font-semibold ${muted ? "bg-line text-muted" : "bg-accent text-on-accent"}`}
          >
            {unread > 99 ? "99+" : unread}
            <span className="sr-only"> {t("unread")}</span>
          </span>
        )}
      </Link>
    </li>
  );
}

/** What a room is; of a direct conversation, whether the other one is here. */
function RoomMark({ room }: { room: Room }) {
  const online = useCore((store) => store.presence[room.peer?.user_id ?? ""]?.online);
  if (room.peer) {
    return (
      <span className="flex size-4 shrink-0 items-center justify-center">
        <span className={`size-2.5 rounded-full ${online ? "bg-online" : "border-2 border-muted/60"}`} />
        <span className="sr-only">{online ? t("Online") : t("Offline")}</span>
      </span>
    );
  }
  const Icon = { lobby: Globe, public: Hash, private: Lock }[room.kind];
  return <Icon className="size-4 shrink-0 text-muted" aria-hidden="true" />;
}
