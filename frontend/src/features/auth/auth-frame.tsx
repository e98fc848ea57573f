import { Languages } from "lucide-react";
import type { ReactNode } from "react";
import { t } from "../../shared/i18n";
import { useLanguage } from "../../shared/language";
import { setPref } from "../../shared/prefs";
import { LanguageChoice } from "../../ui/language-choice";
import { Logo } from "../../ui/logo";

/** The frame of every screen before the keys are open. */
export function AuthFrame({ title, lead, children }: { title: string; lead?: ReactNode; children: ReactNode }) {
  const language = useLanguage(({ code }) => code);
  return (
    <main className="flex min-h-full flex-col items-center justify-center px-4 py-10">
      <div className="w-full max-w-[26rem]">
        <div className="mb-7 flex items-center gap-3">
          <Logo className="size-9" />
          <span className="text-lg font-semibold tracking-tight">Sealcast</span>
        </div>
        <div className="rounded-card border border-line bg-surface p-6 shadow-sm sm:p-7">
          <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
          {lead && <div className="mt-1.5 text-muted">{lead}</div>}
          <div className="mt-6">{children}</div>
        </div>
        <p className="mt-5 px-1 text-sm text-muted">
          {t("Messages are encrypted on this device. The server stores them, but cannot read them.")}
        </p>
        <div className="mt-3 flex items-center gap-1.5 px-1 text-sm text-muted">
          <Languages className="size-4" aria-hidden="true" />
          <LanguageChoice
            className="rounded-lg bg-transparent py-1 hover:text-ink"
            value={language ?? "en"}
            onChange={(chosen) => setPref("language", chosen)}
          />
        </div>
      </div>
    </main>
  );
}
