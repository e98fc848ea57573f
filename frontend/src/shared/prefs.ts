import { create } from "zustand";
import type { LanguageCode } from "./i18n";

/** Choices of this device; nothing of them is secret, and the server does not see them. */
export interface Prefs {
  /** `system`: the first of the browser’s languages that there is. */
  language: "system" | LanguageCode;
  theme: "system" | "light" | "dark";
  /** Whether others see that one is writing. */
  typing: boolean;
  /** Minutes without a touch until the keys are forgotten; 0 for never. */
  autoLockMinutes: number;
  notifications: boolean;
  /** Whether Enter sends; otherwise Ctrl+Enter does. */
  enterSends: boolean;
}

const KEY = "sealcast.prefs";
const DEFAULTS: Prefs = {
  language: "system",
  theme: "system",
  typing: true,
  autoLockMinutes: 0,
  notifications: false,
  enterSends: true,
};
const DARK = "(prefers-color-scheme: dark)";

export const usePrefs = create<Prefs>(() => read());

export function setPref<K extends keyof Prefs>(name: K, value: Prefs[K]): void {
  usePrefs.setState({ [name]: value } as Pick<Prefs, K>);
  localStorage.setItem(KEY, JSON.stringify(usePrefs.getState()));
}

/** Keeps the page's colours and other tabs in step with the choices. */
export function startPrefs(): void {
  const paint = () => {
    const { theme } = usePrefs.getState();
    const dark = theme === "dark" || (theme === "system" && matchMedia(DARK).matches);
    document.documentElement.dataset["theme"] = dark ? "dark" : "light";
  };
  paint();
  usePrefs.subscribe(paint);
  matchMedia(DARK).addEventListener("change", paint);
  addEventListener("storage", ({ key }: StorageEvent) => key === KEY && usePrefs.setState(read()));
}

function read(): Prefs {
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Prefs> | null;
    const known = Object.entries(stored ?? {}).filter(
      ([name, value]) => typeof value === typeof DEFAULTS[name as keyof Prefs],
    );
    return { ...DEFAULTS, ...Object.fromEntries(known) };
  } catch {
    return DEFAULTS;
  }
}
