/** The compliance key is dropped this long after it was opened, or after its last share came, whatever the page does. */
export const KEY_LIFETIME_MS = 600_000;
