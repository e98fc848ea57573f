import { LANGUAGES, t } from "../shared/i18n";

interface Props<T extends string> {
  value: T;
  /** What may be chosen beside the languages. */
  first?: { value: T; label: string };
  onChange: (value: T) => void;
  className: string;
}

/** The languages, each by its own name. */
export function LanguageChoice<T extends string>({ value, first, onChange, className }: Props<T>) {
  return (
    <select
      aria-label={t("Language")}
      className={className}
      value={value}
      onChange={(event) => onChange(event.target.value as T)}
    >
      {first && <option value={first.value}>{first.label}</option>}
      {Object.entries(LANGUAGES).map(([code, { name }]) => (
        <option key={code} value={code} lang={code}>
          {name}
        </option>
      ))}
    </select>
  );
}
