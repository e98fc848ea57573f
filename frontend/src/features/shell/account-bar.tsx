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
import { Menu } from "../../ui/menu";

const ICON = { className: "size-4", "aria-hidden": true } as const;

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
    <Menu
      form="wide"
      side="top"
      align="start"
      className="flex w-full items-center gap-3 rounded-xl px-2 py-1.5 text-start hover:bg-line/50"
      button={
        <>
          <Avatar name={me.username} online={open} />
          <span className="min-w-0 grow">
            <span className="block truncate font-medium">{me.username}</span>
            <span className="block text-xs text-muted">{problem ?? (open ? t("Connected") : t("Not connected"))}</span>
          </span>
          <ChevronsUpDown className="size-4 text-muted" aria-hidden="true" />
        </>
      }
      head={
        <>
          <p className="text-xs font-medium text-muted">{t("Your key’s fingerprint")}</p>
          <p className="mt-1 font-mono text-[0.7rem] leading-relaxed break-words">{fingerprintOf(me.fingerprint)}</p>
        </>
      }
      entries={[
        { name: t("Settings"), icon: <Settings {...ICON} />, run: () => void navigate({ to: "/settings" }) },
        { name: t("Sessions"), icon: <MonitorSmartphone {...ICON} />, run: onSessions },
        { name: t("Who looked at my messages"), icon: <ScanEye {...ICON} />, run: onAccesses },
        { name: t("Keyboard"), icon: <Keyboard {...ICON} />, run: onShortcuts },
        { name: t("Lock now"), icon: <Lock {...ICON} />, run: () => void core.lock() },
        {
          name: t("Sign out"),
          icon: <LogOut {...ICON} className="size-4 rtl:-scale-x-100" />,
          run: () => void logout(),
        },
      ]}
    />
  );
}
