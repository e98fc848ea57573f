import { KeyRound } from "lucide-react";
import type { Room } from "../../api/types";
import { t } from "../../shared/i18n";

/** Why a member cannot read yet, and what helps. */
export function NoKey({ room }: { room: Room }) {
  return (
    <div role="status" className="mx-3 mb-4 flex max-w-4xl gap-3 rounded-2xl border border-line bg-surface p-4 sm:mx-5">
      <KeyRound className="mt-0.5 size-5 shrink-0 text-warn" aria-hidden="true" />
      <div className="text-sm">
        <p className="font-semibold">{t("You do not hold the key of “{room}” yet", { room: room.name })}</p>
        <p className="mt-0.5 text-muted">
          {t(
            "The server cannot give it to you, because it does not have it. Either open an invite link for this room, or wait until a member lets you in: they see that you are here. Messages open by themselves as soon as the key arrives.",
          )}
        </p>
      </div>
    </div>
  );
}
