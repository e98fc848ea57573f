import { LANGUAGES, type LanguageCode, t } from "../shared/i18n";

interface Props {
  value: "system" | LanguageCode;
  onChange: (value: "system" | LanguageCode) => void;
  className: string;
}

/** The languages, each by its own name. */
export function LanguageChoice({ value, onChange, className }: Props) {
  return (
    <select
      aria-label={t("Language")}
      className={className}
      value={value}
      onChange={(event) => onChange(event.target.value as Props["value"])}
    >
      <option value="system">{t("As the browser")}</option>
      {Object.entries(LANGUAGES).map(([code, { name }]) => (
        <option key={code} value={code} lang={code}>
          {name}
        </option>
      ))}
    </select>
  );
}
