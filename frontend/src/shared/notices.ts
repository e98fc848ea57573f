import { useCore } from "./core-store";
import { t } from "./i18n";
import { usePrefs } from "./prefs";

/** Says in the title, and where the person allowed it in a notification, that something is new: never what. */
export function startNotices(): void {
  let before = 0;
  useCore.subscribe(({ unread }) => {
    const all = Object.values(unread);
    const count = all.reduce((sum, room) => sum + room.count, 0);
    const mentions = all.reduce((sum, room) => sum + room.mentions, 0);
    document.title = count > 0 ? `(${count > 99 ? "99+" : count}) Sealcast` : "Sealcast";
    if (count > before && document.visibilityState === "hidden" && usePrefs.getState().notifications)
      notify(mentions > 0);
    before = count;
  });
}

/** One notification at a time: the newest replaces the one before. */
function notify(mentioned: boolean): void {
  if (!("Notification" in globalThis) || Notification.permission !== "granted") return;
  const notice = new Notification("Sealcast", {
    body: mentioned ? t("Somebody mentioned you.") : t("You have new messages."),
    tag: "sealcast",
    icon: "/favicon.svg",
  });
  notice.addEventListener("click", () => {
    focus();
    notice.close();
  });
}
