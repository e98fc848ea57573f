import { t } from "../../shared/i18n";
import type { Strength } from "./strength";

const FILLS = ["bg-danger", "bg-danger", "bg-warn", "bg-online", "bg-online"];

/** How hard a password is to guess, and what would make it harder. */
export function StrengthMeter({ strength }: { strength: Strength }) {
  return (
    <span className="block" role="status">
      <span className="mb-1 grid grid-cols-4 gap-1" aria-hidden="true">
        {[1, 2, 3, 4].map((step) => (
          <span
            key={step}
            className={`h-1 rounded-full ${strength.score >= step || step === 1 ? FILLS[strength.score] : "bg-line"}`}
          />
        ))}
      </span>
      <b className="font-medium text-ink">{t(strength.label)}.</b> {strength.advice && t(strength.advice)}
    </span>
  );
}
