import { describe, expect, it } from "vitest";
import { DisclosureKey, readKey } from "../src/core/disclosure";
import { noCheckpoint } from "../src/core/crypto/context";
import { generateRoomKey, generateUserKey, octetsOf } from "../src/core/crypto/keys";
import { sealMessage } from "../src/core/crypto/message";
import { fromBase64, toBase64 } from "../src/core/crypto/octets";

const now = new Date("2026-11-24T01:02:03Z");
const room_id = "01890a5d-ac96-774b-bcce-b302099a8057";
const cid = "01890a5d-ac96-774b-bcce-b302099a8058";

async function scene() {
  const [alice, compliance] = [await generateUserKey("alice", now), await generateUserKey("compliance", now)];
  const roomKey = await generateRoomKey(now);
  const context = { room: room_id, epoch: 1, cid, prev: new Uint8Array(16), cp: await noCheckpoint() };
  const keys = { sender: alice, room: roomKey.toPublic(), compliance: compliance.toPublic() };
  const { env, sig } = await sealMessage({ kind: "text", text: "Grüße 👋", mentions: [] }, context, keys, now);
  const message = {
    id: "1-1",
    room_id,
    epoch: 1,
    cid,
    sender: room_id,
    sender_fp: alice.getFingerprint(),
    accepted_at: now.toISOString(),
    env: toBase64(env),
    sig: toBase64(sig),
    certificate: toBase64(octetsOf(alice.toPublic())),
  };
  return { alice, compliance, message };
}

describe("the console's key", () => {
  it("opens what was sealed to it, and nothing that was changed", async () => {
    const { compliance, message } = await scene();
    const key = await readKey(octetsOf(compliance));
    if (!(key instanceof DisclosureKey)) throw new Error("it is locked");
    expect(await key.open(message)).toEqual({ id: "1-1", kind: "text", text: "Grüße 👋" });
    const changed = fromBase64(message.env);
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    for (const other of [
      { ...message, env: toBase64(changed) },
      { ...message, epoch: 2 },
      { ...message, room_id: cid },
      { ...message, sender_fp: "ab".repeat(32) },
    ]) {
      expect(await key.open(other)).toHaveProperty("refused");
    }
  });

  it("refuses a message that is not for it", async () => {
    const { alice, message } = await scene();
    const other = new DisclosureKey(alice);
    expect(await other.open(message)).toEqual({
      id: "1-1",
      refused: "it is not encrypted to this compliance key",
      values: {},
    });
  });
});
