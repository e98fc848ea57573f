import type { PrivateKey } from "openpgp/lightweight";
import { UnlockFailed, unlockKey } from "./crypto/keys";
import type { Octets } from "./crypto/octets";
import { type Share, combineShares, keyOfPage, parseShare } from "./shares";
import { Told } from "./told";

/** A compliance key whose lock is split into shares, while they come in. */
export class LockedKey {
  readonly fingerprint: string;
  #locked: Octets;
  #shares: Share[] = [];

  constructor(locked: Octets, fingerprint: string) {
    this.#locked = locked;
    this.fingerprint = fingerprint;
  }

  /** Which shares are here, and how many it takes: no share has said so yet when it is undefined. */
  get shares(): { numbers: number[]; threshold: number | undefined } {
    return { numbers: this.#shares.map(({ number }) => number), threshold: this.#shares[0]?.threshold };
  }

  /** Takes one more; gives the open key when they are enough. Throws a sentence for people. */
  async add(text: string): Promise<PrivateKey | undefined> {
    const share = await parseShare(text);
    const of = keyOfPage(text);
    if (of !== undefined && of !== this.fingerprint)
      throw new Told("This share belongs to another key: {fingerprint}.", { fingerprint: of });
    const first = this.#shares[0] ?? share;
    if (share.set !== first.set || share.threshold !== first.threshold) {
      throw new Told(
        "This share is of the split {set}, those that are loaded are of {first}: it belongs to another key.",
        { set: share.set, first: first.set },
      );
    }
    if (this.#shares.some(({ number }) => number === share.number))
      throw new Told("Share {number} is loaded already: it takes {threshold} different ones.", {
        number: share.number,
        threshold: share.threshold,
      });
    this.#shares.push(share);
    return this.#shares.length < share.threshold ? undefined : this.#open();
  }

  async #open(): Promise<PrivateKey> {
    const secret = await combineShares(this.#shares);
    for (const { value } of this.#shares) value.fill(0);
    this.#shares = [];
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
