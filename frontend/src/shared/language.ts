import { create } from "zustand";
import { type LanguageCode, languageFor, readLanguage } from "./i18n";
import { usePrefs } from "./prefs";

/** The language on the screen; undefined until its texts are there. */
export const useLanguage = create<{ code: LanguageCode | undefined }>(() => ({ code: undefined }));

/** Follows the person's choice, and the browser's where there is none. */
export function startLanguage(): void {
  let latest: LanguageCode | undefined;
  const follow = async () => {
    const code = languageFor(usePrefs.getState().language, navigator.languages);
    if (code === latest) return;
    latest = code;
    // A catalogue that does not arrive must not keep anybody out.
    await readLanguage(code, navigator.languages).catch(() => readLanguage("en", navigator.languages));
    if (code === latest) useLanguage.setState({ code });
  };
  usePrefs.subscribe(() => void follow());
  void follow();
}
