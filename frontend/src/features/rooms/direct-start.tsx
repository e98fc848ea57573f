import { Link } from "@tanstack/react-router";
import { ChevronLeft, MessageSquare } from "lucide-react";
import type { ReactNode } from "react";
import { t } from "../../shared/i18n";
import { Centered } from "../../ui/centered";

/** A conversation with somebody before its first message: only that makes it. */
export function DirectStart({ name, composer }: { name: string; composer: ReactNode }) {
  return (
    <section aria-label={name} className="flex min-w-0 grow flex-col">
      <header className="flex h-16 shrink-0 items-center gap-2 border-b border-line px-3 sm:px-5">
        <Link
          to="/"
          aria-label={t("All rooms")}
          className="-ms-1 rounded-lg p-1.5 text-muted hover:bg-sunken md:hidden"
        >
          <ChevronLeft className="size-5 rtl:-scale-x-100" aria-hidden="true" />
        </Link>
        <div className="min-w-0 grow">
          <h1 className="truncate font-semibold">{name}</h1>
          <p className="truncate text-sm text-muted">{t("Only you two")}</p>
        </div>
      </header>
      <Centered>
        <MessageSquare className="size-8 text-muted" aria-hidden="true" />
        <h2 className="text-lg font-semibold">{t("Write to {name}", { name })}</h2>
        <p className="max-w-sm text-muted">
          {t(
            "Your first message makes a private room of you two. {name} reads it as soon as they are here; like every message it is kept for compliance.",
            { name },
          )}
        </p>
      </Centered>
      {composer}
    </section>
  );
}
