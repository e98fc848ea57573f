import { describe, expect, it } from "vitest";
import { KdfRefused, fromPassword } from "../src/core/crypto/derive";
import { invitePins, inviteLinkText, parseInviteLink } from "../src/core/crypto/invite";
import { lockForInvite, unlockInvite } from "../src/core/crypto/invite-lock";
import { fromHex, toBase64Url, toHex } from "../src/core/crypto/octets";
import { newRecoveryKey, parseRecoveryText, recoveryText } from "../src/core/crypto/recovery";
import { vectorJson } from "./vectors";

interface KdfVector {
  password: string;
  salt_hex: string;
  m_kib: number;
  t: number;
  p: number;
  auth_hex: string;
  lock_hex: string;
  openpgp_passphrase: string;
}

describe("password derivation", () => {
  it.each(vectorJson<KdfVector[]>("kdf/password.json"))("matches the vector at m=$m_kib t=$t", async (vector) => {
    const salt = fromHex(vector.salt_hex);
    const derived = await fromPassword(vector.password, { m_kib: vector.m_kib, t: vector.t, p: vector.p, salt });
    expect(toHex(derived.auth)).toBe(vector.auth_hex);
    expect(toHex(derived.lock)).toBe(vector.lock_hex);
    expect(toBase64Url(derived.lock)).toBe(vector.openpgp_passphrase);
  });

  it.each([
    { m_kib: 19_455, t: 2, p: 1 },
    { m_kib: 19_456, t: 1, p: 1 },
    { m_kib: 262_145, t: 3, p: 1 },
    { m_kib: 65_536, t: 11, p: 1 },
    { m_kib: 65_536, t: 3, p: 2 },
  ])("refuses m=$m_kib t=$t p=$p whoever asks", async (kdf) => {
    await expect(fromPassword("x", { ...kdf, salt: new Uint8Array(16) })).rejects.toThrow(KdfRefused);
  });
});

describe("recovery key text", () => {
  it("has eight groups of four characters and reads back", async () => {
    const key = newRecoveryKey();
    const text = await recoveryText(key);
    expect(text).toMatch(/^(?:[0-9A-HJKMNP-TV-Z]{4}-){7}[0-9A-HJKMNP-TV-Z]{4}$/);
    expect(await parseRecoveryText(text)).toEqual(key);
  });

  it("forgives case, spaces and the letters O, I and L", async () => {
    const key = new Uint8Array(18);
    const text = await recoveryText(key);
    const sloppy = text.toLowerCase().replaceAll("0", "o").replaceAll("1", "l").replaceAll("-", "  ");
    expect(await parseRecoveryText(sloppy)).toEqual(key);
  });

  it("refuses a wrong character anywhere", async () => {
    const text = await recoveryText(newRecoveryKey());
    for (let at = 0; at < text.length; at++) {
      if (text[at] === "-") continue;
      const wrong = text.slice(0, at) + (text[at] === "7" ? "8" : "7") + text.slice(at + 1);
      // A 16-bit checksum misses one change in 65,536.
      await expect(parseRecoveryText(wrong)).rejects.toThrow(/checksum/);
    }
    await expect(parseRecoveryText(text.slice(1))).rejects.toThrow(/32 characters/);
    await expect(parseRecoveryText(`U${text.slice(1)}`)).rejects.toThrow(/does not occur in recovery keys/);
  });
});

describe("invite link", () => {
  const at = { room: "01890a5d-ac96-774b-bcce-b302099a8057", epoch: 2 };

  it("carries its secret to the newcomer, bound to room and epoch", async () => {
    const blobKey = new Uint8Array(32).fill(7);
    const { secret, locked, lock } = await lockForInvite(at, blobKey);
    expect(locked).toHaveLength(60);
    expect(await unlockInvite(secret, at, locked)).toEqual(blobKey);
    await expect(unlockInvite(secret, { ...at, epoch: 3 }, locked)).rejects.toThrow();
    await expect(unlockInvite(new Uint8Array(32), at, locked)).rejects.toThrow();
    // An older key under the same secret opens as that key only.
    const older = await lock({ ...at, epoch: 1 }, new Uint8Array(32).fill(6));
    expect(await unlockInvite(secret, { ...at, epoch: 1 }, older)).toEqual(new Uint8Array(32).fill(6));
    await expect(unlockInvite(secret, at, older)).rejects.toThrow();
  });

  it("round-trips as text and pins the compliance certificate", () => {
    const link = { inviteId: at.room, secret: new Uint8Array(32).fill(9), compliance: new Uint8Array(16).fill(0xab) };
    const text = inviteLinkText("https://sealcast.example", link);
    expect(parseInviteLink(text)).toEqual(link);
    expect(invitePins(link, "ab".repeat(32))).toBe(true);
    expect(invitePins(link, "ac".repeat(32))).toBe(false);
    expect(() => parseInviteLink(text.slice(0, -1))).toThrow(/complete invite link/);
    expect(() => parseInviteLink(`${text}.x`)).toThrow(/complete invite link/);
  });
});
