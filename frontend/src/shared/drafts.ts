import { core } from "./core-client";

const SAVE_MS = 400;

/**
 * What was typed and the core has not yet kept, by room. A core that goes away with its tab takes a text on its way with
 * it; what stands here goes to the next one.
 */
const unkept = new Map<string, string>();
const timers = new Map<string, ReturnType<typeof setTimeout>>();

/** What was being written in a room, here or before. */
export async function readDraft(roomId: string): Promise<string> {
  const text = unkept.get(roomId);
  if (text === undefined) return core.draft(roomId);
  void keep(roomId);
  return text;
}

/** Keeps a text, encrypted, in a moment. What was sent must not come back, so an empty text is kept at once. */
export function writeDraft(roomId: string, text: string): void {
  unkept.set(roomId, text);
  clearTimeout(timers.get(roomId));
  timers.set(
    roomId,
    setTimeout(() => void keep(roomId), text ? SAVE_MS : 0),
  );
}

/** The page may go away: nothing waits any longer. */
export function keepDrafts(): void {
  for (const roomId of unkept.keys()) void keep(roomId);
}

/** The keys are gone, and not only the core that had them. */
export function forgetDrafts(): void {
  for (const timer of timers.values()) clearTimeout(timer);
  timers.clear();
  unkept.clear();
}

async function keep(roomId: string): Promise<void> {
  clearTimeout(timers.get(roomId));
  const text = unkept.get(roomId);
  if (text === undefined) return;
  await core.saveDraft(roomId, text).then(
    () => unkept.get(roomId) === text && unkept.delete(roomId),
    // There is no core, or it has no keys: it is kept when there is one again.
    () => undefined,
  );
}
