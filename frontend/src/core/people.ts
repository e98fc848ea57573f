import { type Octets, concat, fromHex, sha256, utf8 } from "./crypto/octets";
import type { Directory } from "./directory";
import type { Identity } from "./identity";
import type { PersonKey } from "./model";
import { REFUSALS } from "./rooms";
import type { Store } from "./store/db";

const RECOVERY_CHECKED = "recovery-checked";
const WORDS = 8;
const CONSONANTS = "bdfghjklmnprstvz";
const VOWELS = "aiou";

/** What this device knows of other people's keys, and of how well its own account is kept. */
export class People {
  #identity: Identity;
  #directory: Directory;
  #store: Store;

  constructor(identity: Identity, directory: Directory, store: Store) {
    this.#identity = identity;
    this.#directory = directory;
    this.#store = store;
  }

  async key(userId: string): Promise<PersonKey> {
    const found = await this.#directory.byUser(userId);
    if (!found.ok) throw new Error(REFUSALS[found.refusal]);
    const fingerprint = found.person.key.getFingerprint();
    const pin = await this.#store.pinned(userId);
    return {
      username: found.person.username,
      fingerprint,
      words: await comparisonWords(this.#identity.fingerprint, fingerprint),
      verifiedAt: pin?.fingerprint === fingerprint ? pin.verified_at : undefined,
    };
  }

  async setVerified(userId: string, verified: boolean): Promise<void> {
    const { fingerprint } = await this.key(userId);
    await this.#store.verify(userId, fingerprint, verified ? Date.now() : undefined);
  }

  recoveryCheckedAt = (): Promise<number | undefined> => this.#store.meta.get<number>(RECOVERY_CHECKED);

  async noteRecoveryChecked(): Promise<void> {
    await this.#store.meta.put(RECOVERY_CHECKED, Date.now());
  }
}

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
