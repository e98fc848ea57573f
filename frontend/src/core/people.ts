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
    const { comparisonWords } = await import("./words");
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
