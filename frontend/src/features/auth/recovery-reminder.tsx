import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { LifeBuoy } from "lucide-react";
import { useState } from "react";
import { t } from "../../shared/i18n";
import { setPref, usePrefs } from "../../shared/prefs";
import { SNOOZE_MS, isRecoveryDue } from "./recovery-due";
import { recoveryQuery } from "./recovery-query";

/** Asks now and then whether the recovery key is still there; it never stands in the way. */
export function RecoveryReminder() {
  const { data: health } = useQuery(recoveryQuery);
  const askedUntil = usePrefs((prefs) => prefs.recoveryAskedUntil);
  const [now] = useState(Date.now);
  if (!health || !isRecoveryDue(health, askedUntil, now)) return null;
  const action = "shrink-0 font-semibold whitespace-nowrap underline-offset-4 hover:underline";
  return (
    <div role="status" className="flex flex-wrap items-center gap-x-4 gap-y-1 bg-sunken px-4 py-2 text-sm">
      <LifeBuoy className="size-4 shrink-0 text-muted" aria-hidden="true" />
      <span className="min-w-0 grow basis-60">
        {t("Do you still have your recovery key? Without it, a forgotten password closes your messages for good.")}
      </span>
      <Link to="/settings" className={`${action} text-accent`}>
        {t("Check it")}
      </Link>
      <button type="button" className={action} onClick={() => setPref("recoveryAskedUntil", Date.now() + SNOOZE_MS)}>
        {t("Later")}
      </button>
    </div>
  );
}
