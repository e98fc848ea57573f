import { useState } from "react";
import type { NewCase, Policy } from "../api/types";
import { Button } from "../ui/button";
import { TextInput } from "./inputs";
import { NO_SCOPE, ScopeFields, scopeOf, useScopeTexts } from "./scope-form";
import { sentenceOf } from "./words";
import { t } from "../shared/i18n";

const DAY_MS = 86_400_000;
const DAYS = 30;
const NO_TEXTS = { number: "", reason: "", legal_basis: "" };

interface Props {
  policy: Policy | undefined;
  onOpen: (made: NewCase) => Promise<boolean>;
}

/** Why, on which legal basis, about what: required before anybody's messages are looked at. */
export function NewCaseForm({ policy, onOpen }: Props) {
  const [texts, setTexts] = useState(NO_TEXTS);
  const [scope, setScope] = useScopeTexts();
  const [days, setDays] = useState(String(DAYS));
  const [sealedDays, setSealedDays] = useState("0");
  const [error, setError] = useState("");
  const ready = texts.number && texts.reason && texts.legal_basis && Number(days) > 0 && Number(sealedDays) >= 0;
  const open = async (): Promise<void> => {
    setError("");
    const inDays = (count: string): string => new Date(Date.now() + Number(count) * DAY_MS).toISOString();
    const sealed = Number(sealedDays) > 0 ? { sealed_until: inDays(sealedDays) } : {};
    if (await onOpen({ ...texts, scope: await scopeOf(scope), expires_at: inDays(days), ...sealed })) {
      setTexts(NO_TEXTS);
      setScope(NO_SCOPE);
    }
  };
  return (
    <details className="rounded-card border border-line bg-surface p-4">
      <summary className="cursor-pointer font-semibold">{t("Open a case")}</summary>
      <form
        aria-label={t("New case")}
        className="mt-3 flex flex-wrap items-end gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) void open().catch((failure: unknown) => setError(sentenceOf(failure)));
        }}
      >
        <TextInput label={t("Number")} value={texts.number} onChange={(number) => setTexts({ ...texts, number })} />
        <TextInput label={t("Reason")} value={texts.reason} onChange={(reason) => setTexts({ ...texts, reason })} />
        <TextInput
          label={t("Legal basis")}
          value={texts.legal_basis}
          onChange={(legal_basis) => setTexts({ ...texts, legal_basis })}
        />
        <ScopeFields texts={scope} onChange={setScope} />
        <TextInput
          label={t("Days that it is open (at most {days})", { days: policy?.case_days_max ?? "…" })}
          type="number"
          value={days}
          onChange={setDays}
        />
        <TextInput
          label={t("Days until the people concerned are told (0: at once; at most {days})", {
            days: policy?.sealed_days_max ?? "…",
          })}
          type="number"
          value={sealedDays}
          onChange={setSealedDays}
        />
        <Button type="submit" variant="primary" disabled={!ready}>
          {t("Open it")}
        </Button>
      </form>
      <p className="mt-2 text-sm text-muted">
        {t("Number, reason, legal basis, reach and days are an entry of the log. Nobody can change them afterwards.")}
      </p>
      {error && (
        <p role="alert" className="mt-2 text-danger">
          {error}
        </p>
      )}
    </details>
  );
}
