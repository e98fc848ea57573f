import { decryptKey } from "openpgp/lightweight";
import { describe, expect, it } from "vitest";
import { MESSAGE_NOTATION } from "../src/core/crypto/context";
import { openOctets } from "../src/core/crypto/envelope";
import { concat, sha256, toHex } from "../src/core/crypto/octets";
import { CONFIG, readCertificate, readSecretKey, subkeyFingerprint } from "../src/core/crypto/profile";
import { verifyDetached } from "../src/core/crypto/signature";
import { vectorOctets, vectors } from "./vectors";

/** The vectors allow an inline signature; protocol version 1 (section 3) does not. */
const STRICTER = new Set(["envelopes/ok-inline-signed.pgp", "envelopes/js-ok-inline-signed.pgp"]);
/** Not `ok` for the compliance officer, but a holder of the room key can read it; `skc` is what exposes it. */
const OPENS = new Set(["ok", "compliance-undecryptable"]);

describe("envelope vectors", () => {
  it.each(vectors("envelope"))("$file: $about", async (vector) => {
    const room = await readSecretKey(vectorOctets(vector.room_secret));
    const compliance = await readCertificate(vectorOctets(vector.compliance));
    const wanted = [subkeyFingerprint(room), subkeyFingerprint(compliance)];
    const opened = await openOctets(vectorOctets(vector.file), room, wanted);
    if (vector.client === "any") return;
    expect(opened.ok).toBe(OPENS.has(vector.client) && !STRICTER.has(vector.file));
    if (!opened.ok) return;
    if (vector.session_key_hex) expect(toHex(opened.sessionKey)).toBe(vector.session_key_hex);
    if (vector.plaintext_sha256) expect(toHex(await sha256(opened.plaintext))).toBe(vector.plaintext_sha256);
  });
});

describe("detached signature vectors", () => {
  /** Refusals that are the server's alone: its clock, and the comparison with the request. */
  const serverOnly = new Set(["sig-time-skew", "context-mismatch"]);

  it.each(vectors("detached-signature"))("$file: $about", async (vector) => {
    const read = async () => readCertificate(vectorOctets(vector.signer));
    const certificate = await read().catch(() => undefined);
    const at = new Date(vector.verify_at_unix * 1000);
    const value =
      certificate &&
      (await verifyDetached(vectorOctets(vector.over), vectorOctets(vector.file), certificate, MESSAGE_NOTATION, at));
    if (vector.server === "ok") expect(value).toBe(vector.context);
    else if (!serverOnly.has(vector.server)) expect(value).toBeUndefined();
  });
});

describe("grant vectors", () => {
  it.each(vectors("grant-sliced"))("$file opens the blob", async (vector) => {
    const user = await readSecretKey(vectorOctets(vector.to));
    const whole = concat(vectorOctets(vector.file), vectorOctets(vector.blob));
    const opened = await openOctets(whole, user, [subkeyFingerprint(user)]);
    // These blobs are signed inside, which version 1 of the protocol replaced by a detached signature.
    expect(opened).toEqual({ ok: false, refusal: "not_in_profile" });
  });
});

describe("locked key vectors", () => {
  const iterated = vectors("locked-secret-key").filter((vector) => vector.file.includes("iterated"));

  it.each(iterated)("$file", async (vector) => {
    const locked = await readSecretKey(vectorOctets(vector.file));
    expect(locked.getFingerprint()).toBe(vector.fingerprint);
    const open = (passphrase: string) => decryptKey({ privateKey: locked, passphrase, config: CONFIG });
    await expect(open(vector.wrong_passphrase)).rejects.toThrow();
    expect((await open(vector.passphrase)).isDecrypted()).toBe(true);
  });
});
