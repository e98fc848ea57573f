import { wordlist } from "@scure/bip39/wordlists/english.js";
import { combine } from "shamir-secret-sharing";
import { Told } from "./told";
import { type Octets, concat, equal, sha256, toHex } from "./crypto/octets";

/** One holder's part of a secret, as `sealcast compliance init --shares` writes it (crates/client/src/shares.rs). */
export interface Share {
  /** Which split it is from. */
  set: string;
  /** Shares that are needed. */
  threshold: number;
  /** Counted from 1. */
  number: number;
  value: Octets;
}

const WORDS = 30;
const WORD_BITS = 11;
const BITS = WORDS * WORD_BITS;
/** Set (2), threshold, number, share (32); what the words have room for besides is checksum. */
const BODY_OCTETS = 36;
const THRESHOLD_MIN = 2;

/** Reads a share's words; lines with a `#` in front are for people. Throws a sentence for people. */
export async function parseShare(text: string): Promise<Share> {
  const lines = text.split("\n").filter((line) => !line.startsWith("#"));
  const words = lines.join(" ").toLowerCase().match(/\S+/g) ?? [];
  if (words.length !== WORDS)
    throw new Told("A share has {all} words, and this has {count}.", { all: WORDS, count: words.length });
  const bits = new Uint8Array(Math.ceil(BITS / 8));
  for (const [at, word] of words.entries()) {
    // The word itself may be the secret's: only its place is told.
    const index = wordlist.indexOf(word);
    if (index < 0)
      throw new Told("Word {number} of the share is not in the list of words: it is mistyped.", { number: at + 1 });
    for (let bit = 0; bit < WORD_BITS; bit++) {
      const place = at * WORD_BITS + bit;
      if ((index >> (WORD_BITS - 1 - bit)) & 1) bits[place >> 3] = (bits[place >> 3] ?? 0) | (0x80 >> (place & 7));
    }
  }
  const body = bits.slice(0, BODY_OCTETS);
  if (!equal(await checked(body), bits))
    throw new Told("This share is damaged: its checksum is wrong. A word is mistyped or out of place.");
  const [threshold = 0, number = 0] = body.subarray(2);
  if (threshold < THRESHOLD_MIN || number === 0) throw new Told("This is not a share of a key.");
  return { set: toHex(body.slice(0, 2)), threshold, number, value: body.slice(4) };
}

/** The key that a share's page says it is of; the words themselves do not say it. */
export const keyOfPage = (text: string): string | undefined =>
  /^# Sealcast compliance key ([0-9a-f]{64})\s*$/m.exec(text)?.[1];

/** The secret behind as many shares of one split as it asks for; from fewer, or those of several, some other octets. */
export const combineShares = async (shares: Share[]): Promise<Octets> =>
  concat(await combine(shares.map(({ number, value }) => concat(value, Uint8Array.of(number)))));

/** The body and as much of its SHA-256 as the words have room for. */
async function checked(body: Octets): Promise<Octets> {
  const bits = new Uint8Array(Math.ceil(BITS / 8));
  bits.set(body);
  bits.set((await sha256(body)).subarray(0, bits.length - BODY_OCTETS), BODY_OCTETS);
  const last = bits.length - 1;
  bits[last] = (bits[last] ?? 0) & (0xff << (bits.length * 8 - BITS));
  return bits;
}
