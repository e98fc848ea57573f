/** The compliance key is dropped this long after it was loaded, whatever the page does. */
export const KEY_LIFETIME_MS = 600_000;
