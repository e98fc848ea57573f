import { describe, expect, it } from "vitest";
import { provesBefore, rootBefore, verifyConsistency, verifyInclusion } from "../src/core/crypto/merkle";
import { verifyCheckpoint } from "../src/core/crypto/note";
import { fromBase64, toBase64 } from "../src/core/crypto/octets";
import { FakeLog, makeLogKey } from "./fake-log";
import { vectorJson, vectorText } from "./vectors";

interface MerkleVector {
  consistency_proof_5_to_8: string[];
  inclusion_proof_leaf3_size8: string[];
  roots_size_0_to_8: string[];
}

const merkle = vectorJson<MerkleVector>("log/merkle.json");
const root = (size: number) => fromBase64(merkle.roots_size_0_to_8[size] as string);
const leaf = (index: number) => {
  const octets = new Uint8Array(32);
  new DataView(octets.buffer).setBigUint64(0, BigInt(index));
  return octets;
};

describe("Merkle proofs", () => {
  const inclusion = merkle.inclusion_proof_leaf3_size8.map(fromBase64);
  const consistency = merkle.consistency_proof_5_to_8.map(fromBase64);

  it("accepts the inclusion proof of the vector and no other", async () => {
    expect(await verifyInclusion(leaf(3), 3, 8, inclusion, root(8))).toBe(true);
    expect(await verifyInclusion(leaf(2), 3, 8, inclusion, root(8))).toBe(false);
    expect(await verifyInclusion(leaf(3), 2, 8, inclusion, root(8))).toBe(false);
    expect(await verifyInclusion(leaf(3), 3, 8, inclusion, root(7))).toBe(false);
    expect(await verifyInclusion(leaf(3), 3, 8, inclusion.slice(1), root(8))).toBe(false);
    expect(await verifyInclusion(leaf(3), 3, 8, [...inclusion, root(1)], root(8))).toBe(false);
    expect(await verifyInclusion(leaf(0), 0, 1, [], root(1))).toBe(true);
  });

  it("accepts the consistency proof of the vector and no other", async () => {
    const [five, eight] = [
      { size: 5, root: root(5) },
      { size: 8, root: root(8) },
    ];
    expect(await verifyConsistency(five, eight, consistency)).toBe(true);
    expect(await verifyConsistency({ size: 5, root: root(4) }, eight, consistency)).toBe(false);
    expect(await verifyConsistency(five, { size: 8, root: root(7) }, consistency)).toBe(false);
    expect(await verifyConsistency(eight, five, consistency)).toBe(false);
    expect(await verifyConsistency(eight, eight, [])).toBe(true);
  });
});

describe("an earlier root", () => {
  it("is what a proof up to a later one shows, and no other proof shows one", async () => {
    const key = await makeLogKey();
    const [log, other] = [await FakeLog.of(key, 40), await FakeLog.of(key, 40, "other")];
    for (let to = 2; to <= 40; to++) {
      const later = { size: to, root: await log.root(to) };
      for (let size = 0; size <= to; size++) {
        const from = provesBefore(size, to);
        // Nobody can show the root of one leaf, nor that of a power of two below one more leaf.
        expect(from === undefined).toBe(
          size < 2 || size === to || (size === to - 1 && Number.isInteger(Math.log2(size))),
        );
        if (from === undefined) continue;
        const path = await log.path(from, to);
        expect(await rootBefore(size, later, path)).toEqual(await log.root(size));
        expect(await rootBefore(size, later, await other.path(from, to))).toBeUndefined();
        expect(await rootBefore(size, later, path.slice(1))).toBeUndefined();
        expect(await rootBefore(size, later, [...path, later.root])).toBeUndefined();
      }
    }
  });
});

describe("signed checkpoint", () => {
  const note = vectorText("log/checkpoint-200000.txt");
  const vkey = vectorText("log/vkey.txt");

  it("verifies with the log's key", async () => {
    const checkpoint = await verifyCheckpoint(note, vkey);
    expect(checkpoint?.size).toBe(200_000);
    expect(checkpoint && toBase64(checkpoint.root)).toBe("tIDt5Oi+egnu1L3QS+veUA6ZEetmGYKOhziIz5Tno88=");
  });

  it("refuses a changed text, a changed signature and another key", async () => {
    expect(await verifyCheckpoint(note.replace("200000", "200001"), vkey)).toBeUndefined();
    expect(await verifyCheckpoint(note.replace("ntj+", "ntj/"), vkey)).toBeUndefined();
    expect(await verifyCheckpoint(note, vkey.replace("+AS", "+AT"))).toBeUndefined();
    expect(await verifyCheckpoint("", vkey)).toBeUndefined();
  });
});
