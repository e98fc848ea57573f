import { describe, expect, it, vi } from "vitest";
import { UnlockFailed, unlockKey } from "../src/core/crypto/keys";
import { DisclosureKey, readKey } from "../src/core/disclosure";
import { Refusal } from "../src/core/disclosure-refusal";
import { LockedKey } from "../src/core/locked-key";
import { combineShares, parseShare } from "../src/core/shares";
import { vectorOctets, vectorText } from "./vectors";

/*
 * Made by the Rust side: `sealcast compliance init --out compliance.key --name "Test compliance" --shares 5 --threshold 3`,
 * and `--out other.key --shares 2 --threshold 2`. They lock throw-away keys.
 */
const FINGERPRINT = "5d330ebe2de4ebb4f1c170923e348374d1d291c4342001eab085619f561306fd";
const OTHER = "151ecb738f1517b907e751106132a889eb74562bdbdb603bab475abcf49a3369";
const page = (number: number, of = "compliance"): string => vectorText(`shares/${of}.key.share-${number}`);
/** As somebody types it who has only the words. */
const words = (number: number, of = "compliance"): string => page(number, of).replaceAll(/^#.*\n/gm, "");
const lockedKey = async (of = "compliance"): Promise<LockedKey> => {
  const key = await readKey(vectorOctets(`shares/${of}.key`));
  if (!(key instanceof LockedKey)) throw new Error("it is open");
  return key;
};

describe("a share", () => {
  it("is read from its page, or from its words in any case", async () => {
    const share = await parseShare(page(1));
    expect(share).toMatchObject({ set: "007e", threshold: 3, number: 1 });
    expect(share.value).toHaveLength(32);
    expect(await parseShare(words(1).toUpperCase().replaceAll(" ", "\t  "))).toEqual(share);
    expect(await parseShare(page(1).replaceAll("\n", "\r\n"))).toEqual(share);
  });

  it("is refused when any word is wrong, missing or out of place", async () => {
    const right = words(2).trim().split(/\s+/);
    for (const at of right.keys()) {
      const wrong = right.with(at, right[at] === "abandon" ? "ability" : "abandon");
      await expect(parseShare(wrong.join(" "))).rejects.toThrow("damaged: its checksum is wrong");
    }
    const swapped = [right[1], right[0], ...right.slice(2)].join(" ");
    await expect(parseShare(swapped)).rejects.toThrow("checksum");
    await expect(parseShare(right.slice(1).join(" "))).rejects.toThrow("A share has 30 words, and this has 29.");
    await expect(parseShare("")).rejects.toThrow("this has 0");
    const mistyped = parseShare(right.with(6, "abandom").join(" "));
    await expect(mistyped).rejects.toThrow("Word 7 of the share is not in the list");
    await expect(mistyped).rejects.not.toThrow("abandom");
  });
});

describe("a key with a split lock", () => {
  it("opens with any three of its five shares, whatever the order", async () => {
    for (const numbers of [
      [1, 2, 3],
      [5, 2, 4],
      [3, 1, 5],
    ]) {
      const key = await lockedKey();
      expect(key.fingerprint).toBe(FINGERPRINT);
      expect(key.shares).toEqual({ numbers: [], threshold: undefined });
      for (const number of numbers.slice(0, -1)) expect(await key.add(page(number))).toBeUndefined();
      expect(key.shares).toEqual({ numbers: numbers.slice(0, -1), threshold: 3 });
      const opened = await key.add(words(numbers.at(-1) ?? 0));
      expect(opened?.isDecrypted()).toBe(true);
      expect(opened?.getFingerprint()).toBe(FINGERPRINT);
      expect(key.shares.numbers).toEqual([]);
    }
  });

  it("does not open with one share less, also when somebody lies about how many it takes", async () => {
    const key = await lockedKey();
    expect(await key.add(page(1))).toBeUndefined();
    expect(await key.add(page(4))).toBeUndefined();
    const two = [await parseShare(page(1)), await parseShare(page(4))];
    const locked = vectorOctets("shares/compliance.key");
    await expect(unlockKey(locked, await combineShares(two))).rejects.toThrow(UnlockFailed);
    const three = [...two, await parseShare(page(2))];
    expect((await unlockKey(locked, await combineShares(three))).isDecrypted()).toBe(true);
  });

  it("refuses the same share twice, and those of another key", async () => {
    const key = await lockedKey();
    await key.add(words(1));
    await expect(key.add(page(1))).rejects.toThrow("Share 1 is loaded already: it takes 3 different ones.");
    await expect(key.add(page(2, "other"))).rejects.toThrow(`This share belongs to another key: ${OTHER}.`);
    await expect(key.add(words(2, "other"))).rejects.toMatchObject({
      why: "one_of_another",
      values: { first: "007e" },
    });
    expect(key.shares).toEqual({ numbers: [1], threshold: 3 });
  });

  it("says which share is wrong only when a page names the key", async () => {
    const mixed = (why: Refusal["why"], set: string, first: string) => ({ why, values: { set, first } });
    const other = (await parseShare(page(1, "other"))).set;
    const key = await lockedKey();
    await key.add(words(1, "other"));
    // Neither page is here: the first one may be the wrong one, and is.
    const unnamed = key.add(words(2));
    await expect(unnamed).rejects.toBeInstanceOf(Refusal);
    await expect(unnamed).rejects.toMatchObject(mixed("one_of_another", "007e", other));
    await expect(key.add(page(2))).rejects.toMatchObject(mixed("loaded_of_another", "007e", other));
    expect(key.shares).toEqual({ numbers: [1], threshold: 2 });
    await expect(key.add(words(2, "other"))).rejects.toThrow("do not open this key");

    // Those that are here were words, then one of their pages came.
    await key.add(words(1));
    await expect(key.add(words(2, "other"))).rejects.toMatchObject(mixed("one_of_another", other, "007e"));
    await key.add(page(4));
    await expect(key.add(words(2, "other"))).rejects.toThrow("it belongs to another key");
    const forged = page(2, "other").replace(OTHER, FINGERPRINT);
    await expect(key.add(forged)).rejects.toMatchObject(mixed("one_of_another", other, "007e"));
  });

  it("leaves no octets of a share, nor of what they make", async () => {
    const [slices, fills] = [vi.spyOn(Uint8Array.prototype, "slice"), vi.spyOn(Uint8Array.prototype, "fill")];
    const key = await lockedKey();
    slices.mockClear();
    fills.mockClear();
    await key.add(page(1));
    await expect(key.add(page(1))).rejects.toThrow("already");
    await expect(key.add(words(1, "other"))).rejects.toThrow("another key");
    await key.add(page(2));
    await key.add(page(3));
    const values = slices.mock.results.map(({ value }) => value as Uint8Array).filter(({ length }) => length === 32);
    // Each share's value, the two that were refused included; the key's own octets are other ones.
    const wiped = new Set(fills.mock.contexts as Uint8Array[]);
    const shares = values.filter((value) => wiped.has(value));
    const lengths = [...wiped].map(({ length }) => length);
    vi.restoreAllMocks();
    expect(shares.length).toBe(5);
    // Their bits, what is combined, and the secret behind it.
    expect(lengths.filter((length) => length === 42)).toHaveLength(5);
    expect(lengths.filter((length) => length === 33)).toHaveLength(3);
    expect(lengths.filter((length) => length === 32)).toHaveLength(6);
    for (const octets of wiped) expect(octets.every((octet) => octet === 0)).toBe(true);
  });

  it("says so when the shares fit each other but not the key, and takes others then", async () => {
    const key = await lockedKey();
    await key.add(words(1, "other"));
    await expect(key.add(words(2, "other"))).rejects.toThrow("do not open this key");
    expect(key.shares).toEqual({ numbers: [], threshold: undefined });
    for (const number of [1, 2]) await key.add(words(number));
    expect((await key.add(words(3)))?.isDecrypted()).toBe(true);
  });

  it("is told from one that is open", async () => {
    const open = await readKey(vectorOctets("certs/compliance.v6.sec.pgp"));
    expect(open).toBeInstanceOf(DisclosureKey);
  });
});
