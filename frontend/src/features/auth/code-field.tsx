import { t } from "../../shared/i18n";
import { Field } from "../../ui/field";

/** The six digits of an authenticator app. */
export function CodeField({ value, onChange }: { value: string; onChange: (code: string) => void }) {
  return (
    <Field
      label={t("Code")}
      name="code"
      autoComplete="one-time-code"
      inputMode="numeric"
      maxLength={7}
      required
      autoFocus
      className="font-mono tracking-widest"
      value={value}
      onChange={(event) => onChange(event.target.value)}
      hint={t("The six digits that your authenticator app shows now.")}
    />
  );
}
