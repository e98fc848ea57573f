import { usePrefs } from "./prefs";

const KEY = "sealcast.touched";
const NOTE_EVERY_MS = 5_000;

/** Whether so much time has passed without a touch that the keys must not be open any more. */
export function wasIdleTooLong(): boolean {
  const { autoLockMinutes } = usePrefs.getState();
  const touched = Number(localStorage.getItem(KEY) ?? 0);
  return autoLockMinutes > 0 && Date.now() - touched > autoLockMinutes * 60_000;
}

/** Notes for all tabs that somebody is here. */
export function noteTouches(): void {
  let noted = 0;
  const touch = () => {
    if (Date.now() - noted < NOTE_EVERY_MS) return;
    noted = Date.now();
    localStorage.setItem(KEY, String(noted));
  };
  touch();
  for (const event of ["pointerdown", "keydown", "wheel"]) addEventListener(event, touch, { passive: true });
}
