import { fromBase64 } from "./crypto/octets";
import { recipientsOf } from "./crypto/recipients";

/** The recipients that an envelope names; it is the server's word, and may be anything. */
export function namedIn(env: string): string[] {
  try {
    return recipientsOf(fromBase64(env));
  } catch {
    return [];
  }
}
