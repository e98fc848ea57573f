import { type Octets, concat, fromUtf8, random, utf8 } from "./octets";

const NONCE_OCTETS = 12;

/** Encrypts a text that waits on this device, under a key that only the password gives. */
export async function sealDraft(text: string, key: CryptoKey): Promise<Octets> {
  const iv = random(NONCE_OCTETS);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, utf8(text));
  return concat(iv, new Uint8Array(sealed));
}

/** The text, or undefined when another password locked it. */
export async function openDraft(draft: Octets, key: CryptoKey): Promise<string | undefined> {
  try {
    const parameters = { name: "AES-GCM", iv: draft.slice(0, NONCE_OCTETS) };
    return fromUtf8(new Uint8Array(await crypto.subtle.decrypt(parameters, key, draft.slice(NONCE_OCTETS))));
  } catch {
    return undefined;
  }
}
