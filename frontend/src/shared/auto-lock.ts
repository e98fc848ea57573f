import { core } from "./core-client";
import { useCore } from "./core-store";
import { usePrefs } from "./prefs";

const KEY = "sealcast.touched";
const LOOK_EVERY_MS = 15_000;
const NOTE_EVERY_MS = 5_000;

/** Forgets the keys when no tab was touched for as long as the person chose. */
export function startAutoLock(): void {
  let noted = 0;
  const touch = () => {
    if (Date.now() - noted < NOTE_EVERY_MS) return;
    noted = Date.now();
    localStorage.setItem(KEY, String(noted));
  };
  touch();
  for (const event of ["pointerdown", "keydown", "wheel"]) addEventListener(event, touch, { passive: true });
  setInterval(() => {
    const { autoLockMinutes } = usePrefs.getState();
    const idleMs = Date.now() - Number(localStorage.getItem(KEY) ?? noted);
    const ready = useCore.getState().core?.auth.phase === "ready";
    if (ready && autoLockMinutes > 0 && idleMs > autoLockMinutes * 60_000) void core.lock().catch(() => undefined);
  }, LOOK_EVERY_MS);
}
