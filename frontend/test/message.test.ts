import { describe, expect, it } from "vitest";
import {
  MESSAGE_NOTATION,
  contextText,
  innerContextText,
  noCheckpoint,
  parseContext,
  sessionKeyCommitment,
} from "../src/core/crypto/context";
import type { Content } from "../src/core/crypto/content";
import { sealOctets } from "../src/core/crypto/envelope";
import { acceptGrant, checkEpoch, makeGrant, openEpoch } from "../src/core/crypto/epoch";
import { frames } from "../src/core/crypto/framing";
import { generateRoomKey, generateUserKey, lockKey, octetsOf, unlockKey } from "../src/core/crypto/keys";
import { readMessage, resignMessage, sealMessage } from "../src/core/crypto/message";
import { random, sha256, toHex, utf8 } from "../src/core/crypto/octets";
import { readCertificate } from "../src/core/crypto/profile";
import { signDetached } from "../src/core/crypto/signature";

const now = new Date("2026-11-24T01:02:03Z");
const room = "01890a5d-ac96-774b-bcce-b302099a8057";
const cid = "01890a5d-ac96-774b-bcce-b302099a8058";

const say = (text: string): Content => ({ kind: "text", text, mentions: [] });

async function scene() {
  const alice = await generateUserKey("alice", now);
  const roomKey = await generateRoomKey(now);
  const compliance = (await generateUserKey("compliance", now)).toPublic();
  const context = { room, epoch: 1, cid, prev: new Uint8Array(16), cp: await noCheckpoint() };
  const sealed = await sealMessage(
    say("Grüße 👋"),
    context,
    { sender: alice, room: roomKey.toPublic(), compliance },
    now,
  );
  const message = { ...sealed, room, epoch: 1, cid, acceptedAt: now };
  return {
    alice,
    roomKey,
    compliance,
    context,
    message,
    keys: { sender: alice.toPublic(), room: roomKey, compliance },
  };
}

describe("message", () => {
  it("comes back as it was written", async () => {
    const { message, keys } = await scene();
    expect(await readMessage(message, keys)).toMatchObject({ ok: true, content: say("Grüße 👋") });
    expect(frames(message.env)?.map((frame) => frame.tag)).toEqual([1, 1, 18]);
  });

  it("hides the length of a text in steps of 256 octets", async () => {
    const { alice, roomKey, compliance, context } = await scene();
    const keys = { sender: alice, room: roomKey.toPublic(), compliance };
    const lengths = await Promise.all(
      ["a", "ab", "abcdefgh"].map(async (text) => (await sealMessage(say(text), context, keys, now)).env.length),
    );
    expect(new Set(lengths).size).toBe(1);
  });

  it("can be written to a room whose key another clock has made a moment ahead", async () => {
    const { alice, compliance, context } = await scene();
    const ahead = await generateRoomKey(new Date(now.getTime() + 3_000));
    const sealed = await sealMessage(say("hi"), context, { sender: alice, room: ahead.toPublic(), compliance }, now);
    const message = { ...sealed, room, epoch: 1, cid, acceptedAt: now };
    expect(await readMessage(message, { sender: alice.toPublic(), room: ahead, compliance })).toMatchObject({
      ok: true,
    });
  });

  it("is refused in another room, epoch or under another id", async () => {
    const { message, keys } = await scene();
    const other = "01890a5d-ac96-774b-bcce-b302099a8059";
    for (const change of [{ room: other }, { epoch: 2 }, { cid: other }]) {
      expect(await readMessage({ ...message, ...change }, keys)).toEqual({ ok: false, refusal: "context_mismatch" });
    }
  });

  it("is refused when somebody else signs the same envelope", async () => {
    const { message, keys, context } = await scene();
    const mallory = await generateUserKey("mallory", now);
    const value = contextText({ ...context, skc: random(32) });
    const sig = await signDetached(message.env, mallory, { name: MESSAGE_NOTATION, value }, now);
    expect(await readMessage({ ...message, sig }, keys)).toEqual({ ok: false, refusal: "signature_invalid" });
    const asMallory = { ...keys, sender: mallory.toPublic() };
    expect(await readMessage({ ...message, sig }, asMallory)).toEqual({ ok: false, refusal: "commitment_mismatch" });
  });

  it("is refused when the signed context commits to the session key but the text names another author", async () => {
    const { alice, roomKey, compliance, context, keys } = await scene();
    const mallory = await generateUserKey("mallory", now);
    const inner = { v: 1, from: alice.getFingerprint(), ctx: innerContextText(context), t: "text", b: "x", pad: "" };
    const { sealed, sessionKey } = await sealOctets(utf8(JSON.stringify(inner)), [roomKey.toPublic(), compliance], now);
    const value = contextText({ ...context, skc: await sessionKeyCommitment(sessionKey) });
    const sig = await signDetached(sealed, mallory, { name: MESSAGE_NOTATION, value }, now);
    const message = { env: sealed, sig, room, epoch: 1, cid, acceptedAt: now };
    const read = await readMessage(message, { ...keys, sender: mallory.toPublic() });
    expect(read).toEqual({ ok: false, refusal: "sender_mismatch" });
  });

  it("is refused when one octet of the envelope changes", async () => {
    const { message, keys } = await scene();
    const env = message.env.slice();
    env[env.length - 1] = (env.at(-1) as number) ^ 1;
    expect(await readMessage({ ...message, env }, keys)).toEqual({ ok: false, refusal: "signature_invalid" });
  });

  it("can be signed anew without changing the envelope", async () => {
    const { message, keys, alice } = await scene();
    const later = new Date(now.getTime() + 600_000);
    const sig = await resignMessage(message.env, message.sig, alice, later);
    expect(sig && (await readMessage({ ...message, sig, acceptedAt: later }, keys))).toMatchObject({ ok: true });
  });
});

describe("signed context", () => {
  it("accepts only its own form", () => {
    const text =
      "v1;room=01890a5d-ac96-774b-bcce-b302099a8057;epoch=3;cid=01890a5d-ac96-774b-bcce-b302099a8058;" +
      "prev=AQEBAQEBAQEBAQEBAQEBAQ;skc=AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI;cp=42:AwMDAwMDAwMDAwMDAwMDAw";
    const context = parseContext(text);
    expect(context && contextText(context)).toBe(text);
    for (const bad of [text.replace("v1", "v2"), text.replace("=3", "=03"), `${text};x=1`, text.toUpperCase(), ""]) {
      expect(parseContext(bad)).toBeUndefined();
    }
  });
});

describe("room key", () => {
  it("reaches a member through a grant, and nobody else", async () => {
    const [alice, bob, eve] = await Promise.all(["alice", "bob", "eve"].map((name) => generateUserKey(name, now)));
    if (!alice || !bob || !eve) throw new Error("no keys");
    const { key, cert, sig } = await openEpoch({ room, epoch: 1, prevFp: undefined }, alice, now);
    const record = {
      room,
      epoch: 1,
      certFp: key.key.getFingerprint(),
      cert,
      blob: key.blob,
      prevFp: undefined,
      sig,
      openedAt: now,
    };
    await checkEpoch(record, alice.toPublic());
    await expect(checkEpoch({ ...record, epoch: 2 }, alice.toPublic())).rejects.toThrow(/signature/);
    await expect(checkEpoch(record, eve.toPublic())).rejects.toThrow(/signature/);

    const made = await makeGrant(room, key, { userId: cid, certificate: bob.toPublic() }, alice, now);
    expect(made.pkesk).toHaveLength(111);
    const grant = { to: made.to, toFp: made.toFp, pkesk: made.pkesk, sig: made.sig, grantedAt: now };
    const opened = await acceptGrant(record, grant, alice.toPublic(), bob);
    expect(opened.key.getFingerprint()).toBe(record.certFp);
    expect(toHex(opened.blobKey)).toBe(toHex(key.blobKey));
    await expect(acceptGrant(record, grant, alice.toPublic(), eve)).rejects.toThrow(/does not open/);
    await expect(acceptGrant(record, { ...grant, to: room }, alice.toPublic(), bob)).rejects.toThrow(/signature/);
  });
});

describe("user key", () => {
  it("is a certificate of the profile whose User ID is the user name, and unlocks only with its lock", async () => {
    const key = await generateUserKey("alice", now);
    const octets = octetsOf(key.toPublic());
    const certificate = await readCertificate(octets);
    expect(certificate.getUserIDs()).toEqual(["alice"]);
    expect(frames(octets)?.map((frame) => frame.tag)).toEqual([6, 2, 13, 2, 14, 2]);
    const lock = await sha256(utf8("lock"));
    const locked = await lockKey(key, lock);
    expect((await unlockKey(locked, lock)).getFingerprint()).toBe(key.getFingerprint());
    await expect(unlockKey(locked, await sha256(utf8("other")))).rejects.toThrow(/does not open/);
  });
});
