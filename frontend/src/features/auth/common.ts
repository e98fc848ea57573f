/** Passwords that were stolen and published often, looked up on this device. */

/** Characters of the shortest and the longest of them. */
const CHARS_MIN = 8;
const CHARS_MAX = 24;

let listed: ReadonlySet<string> = new Set();

/** Reads the list, once; until then nothing is known to be on it. */
export async function readCommonPasswords(): Promise<void> {
  if (listed.size > 0) return;
  try {
    const { default: text } = await import("./common-passwords.txt?raw");
    listed = new Set(text.trim().split("\n"));
  } catch {
    // Offline: without the server nobody gets a password anyway.
  }
}

/** Takes everything out that is on the list, and says how often something was. */
export function withoutCommon(password: string): { rest: string; found: number } {
  let rest = "";
  let found = 0;
  for (let at = 0; at < password.length;) {
    const length = lengthAt(password.toLowerCase(), at);
    if (length > 0) found += 1;
    else rest += password[at];
    at += Math.max(length, 1);
  }
  return { rest, found };
}

/** The longest one that begins there. */
function lengthAt(password: string, at: number): number {
  for (let length = Math.min(CHARS_MAX, password.length - at); length >= CHARS_MIN; length -= 1) {
    if (listed.has(password.slice(at, at + length))) return length;
  }
  return 0;
}
