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

/**
 * Reads a share's words; lines with a `#` in front are for people. Throws a sentence for people. Nothing of the share
 * stays but the value that is returned, and the words: a string cannot be wiped.
 */
export async function parseShare(text: string): Promise<Share> {
  const lines = text.split("\n").filter((line) => !line.startsWith("#"));
  const words = lines.join(" ").toLowerCase().match(/\S+/g) ?? [];
  if (words.length !== WORDS)
    throw new Told("A share has {all} words, and this has {count}.", { all: WORDS, count: words.length });
  const bits = new Uint8Array(Math.ceil(BITS / 8));
  try {
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
    const body = bits.subarray(0, BODY_OCTETS);
    if (!equal(await checksum(body), bits.subarray(BODY_OCTETS)))
      throw new Told("This share is damaged: its checksum is wrong. A word is mistyped or out of place.");
    const [threshold = 0, number = 0] = body.subarray(2);
    if (threshold < THRESHOLD_MIN || number === 0) throw new Told("This is not a share of a key.");
    return { set: toHex(body.subarray(0, 2)), threshold, number, value: body.slice(4) };
  } finally {
    bits.fill(0);
  }
}

/** The key that a share's page says it is of; the words themselves do not say it. */
export const keyOfPage = (text: string): string | undefined =>
  /^# Sealcast compliance key ([0-9a-f]{64})\s*$/m.exec(text)?.[1];

/** The secret behind as many shares of one split as it asks for; from fewer, or those of several, some other octets. */
export async function combineShares(shares: Share[]): Promise<Octets> {
  const parts = shares.map(({ number, value }) => concat(value, Uint8Array.of(number)));
  try {
    // Itself and no copy, so that whoever has it can wipe it; the library makes it in a buffer of its own.
    return (await combine(parts)) as Octets;
  } finally {
    for (const part of parts) part.fill(0);
  }
}

/** As much of the body's SHA-256 as the words have room for. */
async function checksum(body: Octets): Promise<Octets> {
  const octets = Math.ceil(BITS / 8) - BODY_OCTETS;
  const sum = (await sha256(body)).slice(0, octets);
  const unused = (BODY_OCTETS + octets) * 8 - BITS;
  sum[octets - 1] = (sum[octets - 1] ?? 0) & (0xff << unused);
  return sum;
}
