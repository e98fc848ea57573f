import { create } from "zustand";
import type { LanguageCode } from "./i18n";

/** Choices of this device; nothing of them is secret, and the server does not see them. */
export interface Prefs {
  /** `system`: the first of the browser’s languages that there is. */
  language: "system" | LanguageCode;
  theme: "system" | "light" | "dark";
  /** Whether others see that one is writing. */
  typing: boolean;
  /** Whether others see that one is there. */
  presence: boolean;
  /** Whether one's other devices hear what was read on this one. */
  shareRead: boolean;
  /** Minutes without a touch until the keys are forgotten; 0 for never. */
  autoLockMinutes: number;
  notifications: boolean;
  /** Whether a notification names the room. */
  notifyRoom: boolean;
  /** Rooms that only mentions are told of. */
  mutedRooms: string[];
  /** The newest first. */
  recentEmoji: string[];
  /** Until when nobody is asked for the recovery key. */
  recoveryAskedUntil: number;
  /** Whether Enter sends; otherwise Ctrl+Enter does. */
  enterSends: boolean;
}

const KEY = "sealcast.prefs";
const DEFAULTS: Prefs = {
  language: "system",
  theme: "system",
  typing: true,
  presence: true,
  shareRead: true,
  autoLockMinutes: 0,
  notifications: false,
  notifyRoom: false,
  mutedRooms: [],
  recentEmoji: [],
  recoveryAskedUntil: 0,
  enterSends: true,
};
const DARK = "(prefers-color-scheme: dark)";

export const usePrefs = create<Prefs>(() => read());

export function setPref<K extends keyof Prefs>(name: K, value: Prefs[K]): void {
  usePrefs.setState({ [name]: value } as Pick<Prefs, K>);
  localStorage.setItem(KEY, JSON.stringify(usePrefs.getState()));
}

/** Rooms that are told of only when somebody mentions one. */
export function setMuted(roomId: string, muted: boolean): void {
  const others = usePrefs.getState().mutedRooms.filter((id) => id !== roomId);
  setPref("mutedRooms", muted ? [...others, roomId] : others);
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
    const known = Object.entries(stored ?? {}).filter(([name, value]) => {
      const usual = DEFAULTS[name as keyof Prefs];
      return typeof value === typeof usual && Array.isArray(value) === Array.isArray(usual);
    });
    return { ...DEFAULTS, ...Object.fromEntries(known) };
  } catch {
    return DEFAULTS;
  }
}
