import type { QueryClient } from "@tanstack/react-query";
import type { Room } from "../api/types";
import type { Unread } from "../core/model";
import { useCore } from "./core-store";
import { t } from "./i18n";
import { usePrefs } from "./prefs";

interface Deps {
  queries: QueryClient;
  openRoom: (roomId: string) => void;
}

/** Says in the title, and where the person allowed it in a notification, that something is new: never what. */
export function startNotices(deps: Deps): void {
  let before: Record<string, Unread> = {};
  useCore.subscribe(({ unread }) => {
    if (unread === before) return;
    const { mutedRooms, notifications } = usePrefs.getState();
    const countOf = (id: string, all: Record<string, Unread>) =>
      (mutedRooms.includes(id) ? all[id]?.mentions : all[id]?.count) ?? 0;
    const count = Object.keys(unread).reduce((sum, id) => sum + countOf(id, unread), 0);
    document.title = count > 0 ? `(${count > 99 ? "99+" : count}) Sealcast` : "Sealcast";
    const grown = Object.keys(unread).find((id) => countOf(id, unread) > countOf(id, before));
    if (grown !== undefined && document.visibilityState === "hidden" && notifications)
      notify(grown, unread, before, deps);
    before = unread;
  });
}

/** One notification at a time: the newest replaces the one before. */
function notify(
  roomId: string,
  unread: Record<string, Unread>,
  before: Record<string, Unread>,
  { queries, openRoom }: Deps,
): void {
  if (!("Notification" in globalThis) || Notification.permission !== "granted") return;
  const mentioned = (unread[roomId]?.mentions ?? 0) > (before[roomId]?.mentions ?? 0);
  const room = queries.getQueryData<Room[]>(["rooms"])?.find(({ room_id }) => room_id === roomId)?.name;
  const notice = shown({
    body: noticeText(mentioned, usePrefs.getState().notifyRoom ? room : undefined),
    tag: "sealcast",
    icon: "/icon-192.png",
  });
  notice?.addEventListener("click", () => {
    focus();
    openRoom(roomId);
    notice?.close();
  });
}

/** Undefined where a page may not show one by itself: Chrome on Android throws. */
function shown(options: NotificationOptions): Notification | undefined {
  try {
    return new Notification("Sealcast", options);
  } catch {
    return undefined;
  }
}

function noticeText(mentioned: boolean, room: string | undefined): string {
  if (room === undefined) return mentioned ? t("Somebody mentioned you.") : t("You have new messages.");
  return mentioned ? t("Somebody mentioned you in {room}.", { room }) : t("New messages in {room}.", { room });
}
