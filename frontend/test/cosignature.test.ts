import { beforeAll, describe, expect, it } from "vitest";
import type { Checkpoint } from "../src/api/types";
import { isCosigned, parseWitness } from "../src/core/crypto/cosignature";
import { type Octets, concat, sha256, toBase64, toHex, utf8 } from "../src/core/crypto/octets";
import { checkedKeys, missingOf } from "../src/core/witnesses";
import { vectorText } from "./vectors";

const note = vectorText("log/checkpoint-200000.txt");
const text = note.slice(0, note.lastIndexOf("\n\n") + 1);

/** A witness as C2SP tlog-cosignature describes it. */
async function witness(name: string) {
  const { publicKey, privateKey } = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  const key = concat(Uint8Array.of(4), new Uint8Array(await crypto.subtle.exportKey("raw", publicKey)));
  const id = (await sha256(concat(utf8(`${name}\n`), key))).slice(0, 4);
  const cosign = async (what: string, at: number) => {
    const time = new Uint8Array(8);
    new DataView(time.buffer).setBigUint64(0, BigInt(at));
    const message = utf8(`cosignature/v1\ntime ${at}\n${what}`);
    const sig: Octets = new Uint8Array(await crypto.subtle.sign("Ed25519", privateKey, message));
    return `— ${name} ${toBase64(concat(id, time, sig))}\n`;
  };
  return { vkey: `${name}+${toHex(id)}+${toBase64(key)}`, cosign };
}

let ours: Awaited<ReturnType<typeof witness>>;
let other: Awaited<ReturnType<typeof witness>>;

beforeAll(async () => {
  ours = await witness("witness.example/w1");
  other = await witness("witness.example/w2");
});

describe("a witness", () => {
  it("vouches for exactly the text that it signed", async () => {
    const line = await ours.cosign(text, 1_764_000_000);
    expect(await isCosigned(note, [await other.cosign(text, 5), line], ours.vkey)).toBe(true);
    expect(await isCosigned(note.replace("200000", "200001"), [line], ours.vkey)).toBe(false);
    expect(await isCosigned(note, [await other.cosign(text, 5)], ours.vkey)).toBe(false);
    // Another one's signature under our name, and our signature of another moment.
    expect(await isCosigned(note, [(await other.cosign(text, 5)).replace("/w2", "/w1")], ours.vkey)).toBe(false);
    const [, , encoded = ""] = line.trimEnd().split(" ");
    const octets = Buffer.from(encoded, "base64");
    octets[11] = (octets[11] ?? 0) ^ 1;
    expect(await isCosigned(note, [`— witness.example/w1 ${octets.toString("base64")}`], ours.vkey)).toBe(false);
    expect(await isCosigned(note, ["", "— witness.example/w1 ???", "—"], ours.vkey)).toBe(false);
  });

  it("is required by its own key, which is not the log's", async () => {
    expect(await parseWitness(ours.vkey)).toBeDefined();
    expect(await parseWitness(vectorText("log/vkey.txt"))).toBeUndefined();
    expect(await parseWitness(ours.vkey.replace("w1+", "w2+"))).toBeUndefined();
    expect(await parseWitness("")).toBeUndefined();
    expect(await checkedKeys([` ${ours.vkey} `, ours.vkey])).toEqual([ours.vkey]);
    await expect(checkedKeys([ours.vkey, "witness"])).rejects.toThrow("not a witness’s key");
  });

  it("that is required and silent is named", async () => {
    const cosignatures = [{ vkey: ours.vkey, line: await ours.cosign(text, 9) }];
    const checkpoint = { note, cosignatures } as Checkpoint;
    expect(await missingOf(checkpoint, [ours.vkey])).toEqual([]);
    expect(await missingOf(checkpoint, [ours.vkey, other.vkey])).toEqual(["witness.example/w2"]);
    expect(await missingOf({ note } as Checkpoint, [ours.vkey])).toEqual(["witness.example/w1"]);
  });
});
