import { wasIdleTooLong } from "./touched";

const KEY = "sealcast.open";

let begun = false;
let begin: () => void;

/** When somebody begins to open the keys in this tab, or when they are likely to open by themselves. */
export const opening = new Promise<void>((resolve) => {
  begin = resolve;
});

export const isOpening = (): boolean => begun;

export function noteOpening(): void {
  begun = true;
  begin();
}

/** Notes for the next visit whether it will find the keys open: what one sees then is read without waiting for them. */
export function noteOpen(open: boolean): void {
  if (open) noteOpening();
  if (open) localStorage.setItem(KEY, "1");
  else localStorage.removeItem(KEY);
}

if (localStorage.getItem(KEY) && !wasIdleTooLong()) noteOpening();
