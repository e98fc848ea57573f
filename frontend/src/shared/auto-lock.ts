import { core } from "./core-client";
import { useCore } from "./core-store";
import { usePrefs } from "./prefs";

const KEY = "sealcast.touched";
const LOOK_EVERY_MS = 15_000;
const NOTE_EVERY_MS = 5_000;

/** Whether so much time has passed without a touch that the keys must not be open any more. */
export function wasIdleTooLong(): boolean {
  const { autoLockMinutes } = usePrefs.getState();
  const touched = Number(localStorage.getItem(KEY) ?? 0);
  return autoLockMinutes > 0 && Date.now() - touched > autoLockMinutes * 60_000;
}

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
    const ready = useCore.getState().core?.auth.phase === "ready";
    if (ready && wasIdleTooLong()) void core.lock().catch(() => undefined);
  }, LOOK_EVERY_MS);
}
