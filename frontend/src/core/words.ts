import { type Octets, concat, fromHex, sha256, utf8 } from "./crypto/octets";

const WORDS = 8;
const CONSONANTS = "bdfghjklmnprstvz";
const VOWELS = "aiou";

/** 128 bits of both fingerprints as words that can be said aloud; both people see the same. */
export async function comparisonWords(one: string, other: string): Promise<string[]> {
  const [first, second] = [one, other].toSorted().map(fromHex) as [Octets, Octets];
  const digest = await sha256(concat(utf8("sealcast/v1/compare\0"), first, second));
  const view = new DataView(digest.buffer);
  return Array.from({ length: WORDS }, (_, at) => wordOf(view.getUint16(2 * at)));
}

/** 16 bits: consonant, vowel, consonant, vowel, consonant. */
const wordOf = (bits: number): string =>
  [
    CONSONANTS[bits >> 12],
    VOWELS[(bits >> 10) & 3],
    CONSONANTS[(bits >> 6) & 15],
    VOWELS[(bits >> 4) & 3],
    CONSONANTS[bits & 15],
  ].join("");
