import { X } from "lucide-react";
import type { ReactNode } from "react";
import { t } from "../../shared/i18n";
import { Button, Spinner } from "../../ui/button";

/** The place beside a room where its members stand; on a narrow screen it lies over the room. */
export function MembersFrame({ onClose, children }: { onClose: () => void; children: ReactNode }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Escape is a shortcut to its button
    <aside
      aria-label={t("Members")}
      // What happens in its dialogs comes by here, too.
      onKeyDown={({ key, currentTarget, target }) => {
        if (key === "Escape" && currentTarget.contains(target as Node)) onClose();
      }}
      className="fixed inset-0 z-10 flex flex-col border-s border-line bg-canvas md:static md:w-72 md:shrink-0"
    >
      <div className="flex h-16 shrink-0 items-center justify-between border-b border-line px-4">
        <h2 className="font-semibold">{t("Members")}</h2>
        <Button variant="quiet" size="icon" aria-label={t("Close members")} autoFocus onClick={onClose}>
          <X className="size-4" aria-hidden="true" />
        </Button>
      </div>
      {children}
    </aside>
  );
}

/** Until the members are there, or what shows them. */
export function MembersLoading() {
  return (
    <p role="status" className="flex items-center gap-3 p-4 text-sm text-muted">
      <Spinner /> {t("The members are loaded")}
    </p>
  );
}
