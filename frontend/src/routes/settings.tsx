import { Link } from "@tanstack/react-router";
import { ChevronLeft } from "lucide-react";
import { type ReactNode, useRef } from "react";
import { ChangePassword } from "../features/auth/change-password";
import { RecoveryHealth } from "../features/auth/recovery-health";
import { SecondFactor } from "../features/auth/second-factor";
import { Sessions } from "../features/sessions/sessions-dialog";
import { DeviceSettings } from "../features/settings/device-settings";
import { Trust } from "../features/settings/trust";
import { Visible } from "../features/settings/visible";
import { useCore } from "../shared/core-store";
import { t } from "../shared/i18n";
import { useLostFocus } from "../shared/lost-focus";

/** Everything about one's account and this device, on one page. */
export function SettingsRoute() {
  const me = useCore((store) => (store.core?.auth.phase === "ready" ? store.core.auth.account : undefined));
  const page = useRef<HTMLDivElement>(null);
  useLostFocus(page);
  if (!me) return null;
  return (
    <div className="flex min-w-0 grow flex-col">
      <header className="flex h-16 shrink-0 items-center gap-2 border-b border-line px-3 sm:px-5">
        <Link
          to="/"
          aria-label={t("All rooms")}
          className="-ms-1 rounded-lg p-1.5 text-muted hover:bg-sunken md:hidden pointer-coarse:p-3"
        >
          <ChevronLeft className="size-5 rtl:-scale-x-100" aria-hidden="true" />
        </Link>
        <h1 className="font-semibold">{t("Settings")}</h1>
      </header>
      <div
        ref={page}
        className="thin-scroll min-h-0 grow overflow-y-auto focus-visible:-outline-offset-2"
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling area must be reachable by keyboard
        tabIndex={0}
        role="region"
        aria-label={t("Settings")}
      >
        <div className="mx-auto grid max-w-2xl grid-cols-1 gap-4 p-4 sm:p-6">
          <Card
            title={t("Recovery key")}
            lead={t("If you forget your password, only this key opens your messages again.")}
          >
            <RecoveryHealth />
          </Card>
          <Card title={t("Password")} lead={t("It opens your key on any device.")}>
            <ChangePassword username={me.username} />
          </Card>
          <Card
            title={t("Codes at sign-in")}
            lead={t("Whoever learns your password still needs your authenticator app.")}
          >
            <SecondFactor />
          </Card>
          <Card title={t("Sessions")} lead={t("Where you are signed in.")}>
            <Sessions />
          </Card>
          <Card title={t("This device")} lead={t("Kept in this browser only.")}>
            <DeviceSettings />
          </Card>
          <Card title={t("Keys and the audit log")} lead={t("What this client checks for you.")}>
            <Trust me={me} />
          </Card>
          <Card title={t("What the server can see")} lead={t("In plain words.")}>
            <Visible />
          </Card>
        </div>
      </div>
    </div>
  );
}

function Card({ title, lead, children }: { title: string; lead: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="rounded-card border border-line bg-surface p-5">
      <h2 className="font-semibold">{title}</h2>
      <p className="mb-4 text-sm text-muted">{lead}</p>
      {children}
    </section>
  );
}
