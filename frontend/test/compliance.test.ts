import "fake-indexeddb/auto";
import type { PrivateKey } from "openpgp/lightweight";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Organisation } from "../src/api/types";
import { ComplianceCertificate } from "../src/core/compliance";
import { COMPLIANCE_NOTATION, complianceStatement } from "../src/core/crypto/context";
import { sealOctets } from "../src/core/crypto/envelope";
import { generateUserKey, octetsOf } from "../src/core/crypto/keys";
import { concat, fromBase64, fromHex, toBase64, utf8 } from "../src/core/crypto/octets";
import { signDetached } from "../src/core/crypto/signature";
import type { Compliance } from "../src/core/model";

const { openStore } = await import("../src/core/store/db");

const NOW = Date.UTC(2026, 2, 1);
const DAY = 86_400_000;
const MADE = new Date(NOW - 30 * DAY);
type Step = Organisation["compliance_succession"][number];
let stores = 0;

const key = (): Promise<PrivateKey> => generateUserKey("compliance", MADE);
const first = (of: PrivateKey): Step => ({
  fingerprint: of.getFingerprint(),
  certificate: toBase64(octetsOf(of.toPublic())),
});

/** `old` names `next`, from `at` on. */
async function after(old: PrivateKey, next: PrivateKey, at: number): Promise<Step> {
  const cert = octetsOf(next.toPublic());
  const statement = await complianceStatement(old.getFingerprint(), next.getFingerprint(), cert, at);
  const notation = { name: COMPLIANCE_NOTATION, value: "v1" };
  const sig = await signDetached(statement, old, notation, new Date(NOW - DAY));
  const effective_at = new Date(at).toISOString().replace(".000", "");
  return { ...first(next), rotation: { effective_at, sig: toBase64(sig) } };
}

const of = (steps: Step[]): Organisation => ({ compliance: steps[0] ?? null, compliance_succession: steps });

async function scene() {
  const store = await openStore(`compliance-${stores++}`);
  const states: Compliance[] = [];
  const made = () => new ComplianceCertificate((state) => void states.push(state));
  const adopt = async (organisation: Organisation, link?: string) => {
    const one = made();
    const pins = link === undefined ? undefined : fromHex(link).slice(0, 16);
    await one.adopt(organisation, store, pins && { inviteId: "", secret: new Uint8Array(32), compliance: pins });
    return one;
  };
  return { adopt, states };
}

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now: NOW }));
afterEach(() => vi.useRealTimers());

describe("the compliance certificate", () => {
  it("is followed along the chain when its time has come, and never back", async () => {
    const { adopt, states } = await scene();
    const [a, b] = [await key(), await key()];
    const chain = of([first(a), await after(a, b, NOW + DAY)]);
    const one = await adopt(chain);
    expect(one.key.getFingerprint()).toBe(a.getFingerprint());
    expect(states).toMatchObject([
      {
        state: "pinned",
        fingerprint: a.getFingerprint(),
        by: "first_use",
        chain: [{ from: 0 }, { fingerprint: b.getFingerprint(), from: NOW + DAY }],
      },
    ]);
    vi.setSystemTime(NOW + DAY);
    expect(one.key.getFingerprint()).toBe(b.getFingerprint());
    expect((await adopt(chain)).state).toMatchObject({ state: "pinned", fingerprint: b.getFingerprint() });
    // A clock that goes back, and a server that takes the newest one back.
    vi.setSystemTime(NOW);
    expect((await adopt(chain)).key.getFingerprint()).toBe(b.getFingerprint());
    const back = await adopt(of([first(a)]));
    expect(back.state).toEqual({ state: "changed", pinned: b.getFingerprint(), offered: a.getFingerprint() });
    expect(() => back.key).toThrow("changed");
  });

  it("is not used when the chain is broken, forked or out of order", async () => {
    const [a, b, c] = [await key(), await key(), await key()];
    const [second, third] = [await after(a, b, NOW - 2 * DAY), await after(b, c, NOW - DAY)];
    const early = await after(b, c, NOW - 2 * DAY);
    const moved = { ...second, rotation: { ...second.rotation!, effective_at: new Date(NOW - DAY).toISOString() } };
    for (const steps of [
      [first(a), third],
      [first(a), third, second],
      [first(a), second, early],
      [first(a), first(b)],
      [second],
      [first(a), moved],
      [first(a), await after(c, b, NOW - DAY)],
      [first(a), second, await after(b, a, NOW - DAY)],
      [first(a), second, { ...third, certificate: toBase64(new Uint8Array(40)) }],
      [first(a), second, { ...third, certificate: "no base64!" }],
      [first(a), { ...second, rotation: { ...second.rotation!, sig: "no base64!" } }],
    ]) {
      const { adopt } = await scene();
      await adopt(of([first(a)]));
      expect((await adopt(of(steps))).state, JSON.stringify(steps)).toMatchObject({ state: "changed" });
    }
    const { adopt } = await scene();
    await adopt(of([first(a), second]));
    expect((await adopt(of([first(a), await after(a, c, NOW - DAY)]))).state.state).toBe("changed");
    expect((await adopt(of([first(a), second, third]))).key.getFingerprint()).toBe(c.getFingerprint());
  });

  it("is reached from whichever certificate an invite link spells, but not from one to come", async () => {
    const [a, b, c] = [await key(), await key(), await key()];
    const chain = of([first(a), await after(a, b, NOW - DAY), await after(b, c, NOW + DAY)]);
    for (const spelled of [a, b]) {
      const { adopt } = await scene();
      const one = await adopt(chain, spelled.getFingerprint());
      expect(one.state).toMatchObject({ state: "pinned", fingerprint: b.getFingerprint(), by: "invite" });
    }
    const { adopt } = await scene();
    for (const spelled of [c, await key()]) {
      await expect(adopt(chain, spelled.getFingerprint())).rejects.toThrow("another compliance key");
    }
  });

  it("is not followed along a chain that is longer than the server may make one", async () => {
    const limit = 131_072;
    const a = await key();
    const steps = [first(a)];
    let newest = a;
    const octets = () =>
      steps.reduce((sum, { certificate, rotation }) => {
        return sum + fromBase64(certificate).length + fromBase64(rotation?.sig ?? "").length;
      }, 0);
    while (octets() + 2_000 < limit) {
      const next = await key();
      steps.push(await after(newest, next, NOW - 29 * DAY + steps.length * 1_000));
      newest = next;
    }
    const { adopt } = await scene();
    await adopt(of([first(a)]));
    expect((await adopt(of(steps))).key.getFingerprint()).toBe(newest.getFingerprint());
    while (octets() <= limit) {
      const next = await key();
      steps.push(await after(newest, next, NOW - 29 * DAY + steps.length * 1_000));
      newest = next;
    }
    expect((await adopt(of(steps))).state.state).toBe("changed");
  });

  it("that an envelope is for opens it, whenever it was in force; any other is the one in force", async () => {
    const [a, b, c, stranger] = [await key(), await key(), await key(), await key()];
    const room = await key();
    const { adopt } = await scene();
    const one = await adopt(of([first(a), await after(a, b, NOW - DAY), await after(b, c, NOW + DAY)]));
    const envelope = async (to: PrivateKey, order = [room, to]) => {
      const { sealed } = await sealOctets(
        utf8("text"),
        order.map((each) => each.toPublic()),
        new Date(NOW),
      );
      return sealed;
    };
    for (const to of [a, b, c]) {
      expect(one.keyOf(await envelope(to)).getFingerprint()).toBe(to.getFingerprint());
      expect(one.keyOf(await envelope(to, [to, room])).getFingerprint()).toBe(to.getFingerprint());
    }
    expect(one.keyOf(await envelope(stranger)).getFingerprint()).toBe(b.getFingerprint());
    expect(one.keyOf(new Uint8Array(0)).getFingerprint()).toBe(b.getFingerprint());
    // What merely lies within the text names nobody.
    const { sealed } = await sealOctets(octetsOf(a.toPublic()), [room.toPublic(), stranger.toPublic()], new Date(NOW));
    expect(one.keyOf(concat(sealed, octetsOf(a.toPublic()))).getFingerprint()).toBe(b.getFingerprint());
  });

  it("of an older server stands alone", async () => {
    const { adopt } = await scene();
    const a = await key();
    const one = await adopt({ compliance: first(a), compliance_succession: [] });
    expect(one.key.getFingerprint()).toBe(a.getFingerprint());
  });
});
