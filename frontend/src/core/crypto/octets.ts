/** Octets whose buffer WebCrypto takes (never a SharedArrayBuffer). */
export type Octets = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

export const utf8 = (text: string): Octets => encoder.encode(text);

/** Throws on anything that is not UTF-8. */
export const fromUtf8 = (octets: Uint8Array): string => decoder.decode(octets);

export function concat(...parts: Uint8Array[]): Octets {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function toBase64(octets: Uint8Array): string {
  let binary = "";
  for (const octet of octets) binary += String.fromCharCode(octet);
  return btoa(binary);
}

/** Standard base64 with padding; throws on anything else. */
export function fromBase64(text: string): Octets {
  const octets = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  if (toBase64(octets) !== text) throw new Error("not canonical base64");
  return octets;
}

export const toBase64Url = (octets: Uint8Array): string =>
  toBase64(octets).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** base64url without padding; throws on anything else. */
export function fromBase64Url(text: string): Octets {
  if (!/^[\w-]*$/.test(text)) throw new Error("not base64url");
  const padding = "=".repeat((4 - (text.length % 4)) % 4);
  return fromBase64(text.replaceAll("-", "+").replaceAll("_", "/") + padding);
}

export const toHex = (octets: Uint8Array): string =>
  Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join("");

export function fromHex(text: string): Octets {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) throw new Error("not lower-case hex");
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** Compares without stopping at the first difference. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}

export const sha256 = async (octets: Octets): Promise<Octets> =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", octets));

export const random = (length: number): Octets => crypto.getRandomValues(new Uint8Array(length));
