import { CircleCheck, CircleX } from "lucide-react";
import type { Step } from "./proof";
import { t } from "../shared/i18n";

/** A verdict and how it came about; green only when every step was computed here and holds. */
export function Steps({ steps, lang }: { steps: Step[]; lang?: string }) {
  const holds = steps.length > 0 && steps.every((step) => step.holds);
  return (
    <details className="min-w-44">
      <summary className={`cursor-pointer font-medium ${holds ? "text-accent" : "text-danger"}`}>
        {holds ? t("Verified here") : t("Not verified")}
      </summary>
      <StepList steps={steps} lang={lang} />
    </details>
  );
}

/** Each step, without the verdict. */
export function StepList({ steps, lang }: { steps: Step[]; lang?: string | undefined }) {
  return (
    <ol lang={lang} className="mt-1 flex flex-col gap-1">
      {steps.map(({ name, holds: one, detail }) => (
        <li key={`${name} ${detail}`} className="flex gap-1.5">
          {one ? (
            <CircleCheck role="img" aria-label={t("holds")} className="mt-0.5 size-4 shrink-0 text-accent" />
          ) : (
            <CircleX role="img" aria-label={t("fails")} className="mt-0.5 size-4 shrink-0 text-danger" />
          )}
          <span className="min-w-0 break-words">
            <span className="font-medium">{name}:</span> {detail}
          </span>
        </li>
      ))}
    </ol>
  );
}
