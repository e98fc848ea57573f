import { useNavigate, useParams } from "@tanstack/react-router";
import type { Command } from "../features/search/search-dialog";
import { core } from "../shared/core-client";
import { useCore } from "../shared/core-store";
import { t } from "../shared/i18n";
import { setMuted, setPref, usePrefs } from "../shared/prefs";

interface Actions {
  onCreate: () => void;
  onSessions: () => void;
  onHelp: () => void;
}

/** What can be done from anywhere by typing its name. */
export function useCommands({ onCreate, onSessions, onHelp }: Actions): Command[] {
  const navigate = useNavigate();
  const { roomId } = useParams({ strict: false });
  const { mutedRooms, theme } = usePrefs();
  const muted = roomId !== undefined && mutedRooms.includes(roomId);
  const dark = theme === "dark";
  return [
    { name: t("New room"), run: onCreate },
    ...(roomId === undefined
      ? []
      : [{ name: muted ? t("Unmute this room") : t("Mute this room"), run: () => setMuted(roomId, !muted) }]),
    { name: t("Mark all rooms as read"), run: markAllRead },
    { name: dark ? t("Light colours") : t("Dark colours"), run: () => setPref("theme", dark ? "light" : "dark") },
    { name: t("Settings"), run: () => void navigate({ to: "/settings" }) },
    { name: t("Sessions"), run: onSessions },
    { name: t("Keyboard"), run: onHelp },
    { name: t("Lock now"), run: () => void core.lock() },
    { name: t("Sign out"), run: () => void core.logout().catch(() => undefined) },
  ];
}

function markAllRead(): void {
  const { shareRead } = usePrefs.getState();
  for (const [roomId, { newest }] of Object.entries(useCore.getState().unread))
    if (newest !== undefined) void core.markRead(roomId, newest, shareRead).catch(() => undefined);
}
