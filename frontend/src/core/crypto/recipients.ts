import { toHex } from "./octets";

/** Octets of a PKESK v6 with X25519, header included. */
export const PKESK_OCTETS = 111;

/** The encryption subkeys that an envelope names first and second, without a look at the rest of it. */
export const recipientsOf = (env: Uint8Array): string[] =>
  [0, 1].map((at) => toHex(env.slice(at * PKESK_OCTETS + 5, at * PKESK_OCTETS + 37)));
