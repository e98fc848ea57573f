import { Menu } from "@base-ui/react/menu";
import { useNavigate } from "@tanstack/react-router";
import { ChevronsUpDown, Keyboard, Lock, LogOut, MonitorSmartphone, ScanEye, Settings } from "lucide-react";
import { useState } from "react";
import type { Me } from "../../core/model";
import { core } from "../../shared/core-client";
import { useCore } from "../../shared/core-store";
import { whyOf } from "../../shared/failures";
import { fingerprintOf } from "../../shared/format";
import { t } from "../../shared/i18n";
import { Avatar } from "../../ui/avatar";

const ITEM =
  "flex items-center gap-2.5 rounded-lg px-3 py-2 text-sm -outline-offset-2 *:shrink-0 data-highlighted:bg-sunken";

interface Props {
  me: Me;
  onSessions: () => void;
  onAccesses: () => void;
  onShortcuts: () => void;
}

/** Who is signed in, and what one can do about it. */
export function AccountBar({ me, onSessions, onAccesses, onShortcuts }: Props) {
  const open = useCore((store) => store.core?.connection.state === "open");
  const [problem, setProblem] = useState<string>();
  const navigate = useNavigate();
  const logout = () => core.logout().catch((error: Error) => setProblem(whyOf(error, t("That did not work."))));
  return (
    <Menu.Root>
      <Menu.Trigger className="flex w-full items-center gap-3 rounded-xl px-2 py-1.5 text-start hover:bg-line/50">
        <Avatar name={me.username} online={open} />
        <span className="min-w-0 grow">
          <span className="block truncate font-medium">{me.username}</span>
          <span className="block text-xs text-muted">{problem ?? (open ? t("Connected") : t("Not connected"))}</span>
        </span>
        <ChevronsUpDown className="size-4 text-muted" aria-hidden="true" />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner side="top" sideOffset={6} align="start">
          <Menu.Popup className="pop-in w-64 rounded-card border border-line bg-surface p-1.5 shadow-lg outline-none">
            <div className="px-3 pt-2 pb-2.5">
              <p className="text-xs font-medium text-muted">{t("Your key’s fingerprint")}</p>
              <p className="mt-1 font-mono text-[0.7rem] leading-relaxed break-words">
                {fingerprintOf(me.fingerprint)}
              </p>
            </div>
            <Menu.Separator className="my-1 h-px bg-line" />
            <Menu.Item className={ITEM} onClick={() => void navigate({ to: "/settings" })}>
              <Settings className="size-4" aria-hidden="true" /> {t("Settings")}
            </Menu.Item>
            <Menu.Item className={ITEM} onClick={onSessions}>
              <MonitorSmartphone className="size-4" aria-hidden="true" /> {t("Sessions")}
            </Menu.Item>
            <Menu.Item className={ITEM} onClick={onAccesses}>
              <ScanEye className="size-4" aria-hidden="true" /> {t("Who looked at my messages")}
            </Menu.Item>
            <Menu.Item className={ITEM} onClick={onShortcuts}>
              <Keyboard className="size-4" aria-hidden="true" /> {t("Keyboard")}
            </Menu.Item>
            <Menu.Item className={ITEM} onClick={() => void core.lock()}>
              <Lock className="size-4" aria-hidden="true" /> {t("Lock now")}
            </Menu.Item>
            <Menu.Item className={ITEM} onClick={() => void logout()}>
              <LogOut className="size-4 rtl:-scale-x-100" aria-hidden="true" /> {t("Sign out")}
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
