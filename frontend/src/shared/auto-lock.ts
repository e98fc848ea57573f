import { core } from "./core-client";
import { useCore } from "./core-store";
import { noteTouches, wasIdleTooLong } from "./touched";

const LOOK_EVERY_MS = 15_000;

/** Forgets the keys when no tab was touched for as long as the person chose. */
export function startAutoLock(): void {
  noteTouches();
  setInterval(() => {
    const ready = useCore.getState().core?.auth.phase === "ready";
    if (ready && wasIdleTooLong()) void core.lock().catch(() => undefined);
  }, LOOK_EVERY_MS);
}
