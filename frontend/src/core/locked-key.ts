import type { PrivateKey } from "openpgp/lightweight";
import { UnlockFailed, unlockKey } from "./crypto/keys";
import type { Octets } from "./crypto/octets";
import { Refusal } from "./disclosure-refusal";
import { type Share, combineShares, keyOfPage, parseShare } from "./shares";
import { Told } from "./told";

/** A compliance key whose lock is split into shares, while they come in. */
export class LockedKey {
  readonly fingerprint: string;
  #locked: Octets;
  #shares: Share[] = [];
  /** Whether the page of one that is here says that it is of this key: then all of them are, being of one split. */
  #named = false;

  constructor(locked: Octets, fingerprint: string) {
    this.#locked = locked;
    this.fingerprint = fingerprint;
  }

  /** Which shares are here, and how many it takes: no share has said so yet when it is undefined. */
  get shares(): { numbers: number[]; threshold: number | undefined } {
    return { numbers: this.#shares.map(({ number }) => number), threshold: this.#shares[0]?.threshold };
  }

  /**
   * Takes one more; gives the open key when they are enough. Throws a sentence for people, or a `Refusal`. The octets of
   * shares and of what they make are wiped; strings cannot be: the words, and the lock as a passphrase.
   */
  async add(text: string): Promise<PrivateKey | undefined> {
    const share = await parseShare(text);
    const of = keyOfPage(text);
    try {
      this.#check(share, of);
    } catch (error) {
      share.value.fill(0);
      throw error;
    }
    this.#shares.push(share);
    this.#named ||= of !== undefined;
    return this.#shares.length < share.threshold ? undefined : this.#open();
  }

  /** Throws when it does not fit the key, or those that are here; `of` is the key that its page names. */
  #check(share: Share, of: string | undefined): void {
    if (of !== undefined && of !== this.fingerprint)
      throw new Told("This share belongs to another key: {fingerprint}.", { fingerprint: of });
    const first = this.#shares[0] ?? share;
    if (share.set !== first.set || share.threshold !== first.threshold) {
      const splits = { set: share.set, first: first.set };
      // Whichever names this key is right. The first one that was loaded may as well be the wrong one.
      if (this.#named && of === undefined)
        throw new Told(
          "This share is of the split {set}, those that are loaded are of {first}: it belongs to another key.",
          splits,
        );
      throw new Refusal(!this.#named && of !== undefined ? "loaded_of_another" : "one_of_another", splits);
    }
    if (this.#shares.some(({ number }) => number === share.number))
      throw new Told("Share {number} is loaded already: it takes {threshold} different ones.", {
        number: share.number,
        threshold: share.threshold,
      });
  }

  async #open(): Promise<PrivateKey> {
    const shares = this.#shares;
    this.#shares = [];
    this.#named = false;
    const secret = await combineShares(shares).finally(() => {
      for (const { value } of shares) value.fill(0);
    });
    try {
      return await unlockKey(this.#locked, secret);
    } catch (error) {
      if (!(error instanceof UnlockFailed)) throw error;
      throw new Told(
        "These shares do not open this key: they belong to another one. Begin again with its own.",
        {},
        {
          cause: error,
        },
      );
    } finally {
      secret.fill(0);
    }
  }
}
