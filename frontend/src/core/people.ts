import { type Octets, concat, fromHex, sha256, utf8 } from "./crypto/octets";
import type { Directory } from "./directory";
import type { Identity } from "./identity";
import type { KeyChange, PersonKey, RecoveryHealth } from "./model";
import type { Pins } from "./pins";
import { REFUSALS } from "./rooms";
import type { Store } from "./store/db";

const RECOVERY_CHECKED = "recovery-checked";
const RECOVERY_CHECKS = "recovery-checks";
/** How many verified people are asked about at each connection. */
const LOOK_AFTER_MAX = 50;
const WORDS = 8;
const CONSONANTS = "bdfghjklmnprstvz";
const VOWELS = "aiou";

/** What this device knows of other people's keys, and of how well its own account is kept. */
export class People {
  #identity: Identity;
  #directory: Directory;
  #pins: Pins;
  #store: Store;

  constructor(identity: Identity, directory: Directory, pins: Pins, store: Store) {
    this.#identity = identity;
    this.#directory = directory;
    this.#pins = pins;
    this.#store = store;
  }

  async key(userId: string): Promise<PersonKey> {
    const found = await this.#directory.offered(userId);
    if (!found.ok) throw new Error(REFUSALS[found.refusal]);
    const fingerprint = found.person.key.getFingerprint();
    // To look at a key is to see whether it changed.
    await this.#directory.byUser(userId);
    const pin = await this.#store.pins.get(userId);
    return {
      username: found.person.username,
      fingerprint,
      words: await comparisonWords(this.#identity.fingerprint, fingerprint),
      verifiedAt: pin?.fingerprint === fingerprint ? pin.verified_at : undefined,
      changedAt: pin?.changed_at,
      before: pin?.offered === undefined ? pin?.past?.at(-1) : pin.fingerprint,
    };
  }

  /** What counts is the key whose words were shown, not what the server says a moment later. */
  async setVerified(userId: string, compared: string | undefined): Promise<void> {
    const { fingerprint } = await this.key(userId);
    if (compared !== undefined && compared !== fingerprint) {
      throw new Error("The key has changed since it was shown. Compare it again.");
    }
    await this.#pins.verify(userId, fingerprint, compared === undefined ? undefined : Date.now());
  }

  /** Whose key is another one than before, and not settled. */
  async changes(): Promise<KeyChange[]> {
    const pins = await this.#pins.unsettled();
    return Promise.all(
      pins.map(async ({ user_id, changed_at, offered }) => ({
        userId: user_id,
        username: (await this.#directory.nameOf(user_id)) ?? "",
        at: changed_at ?? 0,
        verified: offered !== undefined,
      })),
    );
  }

  /** Asks whether those who were verified still have the same key: nobody has to write for it to show. */
  async lookAfter(): Promise<void> {
    const verified = (await this.#store.pins.all()).filter(({ verified_at }) => verified_at !== undefined);
    for (const { user_id } of verified.slice(0, LOOK_AFTER_MAX)) await this.#directory.byUser(user_id);
  }

  async recoveryHealth(): Promise<RecoveryHealth> {
    const { get } = this.#store.meta;
    return { checkedAt: await get<number>(RECOVERY_CHECKED), checks: (await get<number>(RECOVERY_CHECKS)) ?? 0 };
  }

  async noteRecoveryChecked(): Promise<void> {
    const { checks } = await this.recoveryHealth();
    await this.#store.meta.put(RECOVERY_CHECKED, Date.now());
    await this.#store.meta.put(RECOVERY_CHECKS, checks + 1);
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
