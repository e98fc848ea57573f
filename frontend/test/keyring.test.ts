import type { PrivateKey } from "openpgp/lightweight";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { api } from "../src/api/client";
import type { Organisation } from "../src/api/types";
import type { LoadedKey } from "../src/console/disclosure-client";
import { Keyring } from "../src/console/keyring";
import { COMPLIANCE_NOTATION, complianceStatement } from "../src/core/crypto/context";
import { sealOctets } from "../src/core/crypto/envelope";
import { generateRoomKey, generateUserKey, octetsOf } from "../src/core/crypto/keys";
import { fromBase64, toBase64, utf8 } from "../src/core/crypto/octets";
import { signDetached } from "../src/core/crypto/signature";
import { DisclosureKey } from "../src/core/disclosure";
import { keyNamedBy } from "../src/core/succession";

const NOW = new Date("2026-11-24T01:02:03Z");
const AT = Date.UTC(2026, 11, 1);

/** What the page has of a worker that holds this key; `asked` counts how often it had to name another one. */
function loaded(key: PrivateKey): LoadedKey & { asked: number } {
  const held = new DisclosureKey(key);
  const one = {
    fingerprint: held.fingerprint,
    recipient: held.recipient,
    dropped: false,
    asked: 0,
    sessionKey: (env: string) => held.sessionKey(env),
    name: (env: string, organisation: Organisation, atHand: string[]) => {
      one.asked++;
      return keyNamedBy(fromBase64(env), organisation, atHand);
    },
  };
  return one as unknown as LoadedKey & { asked: number };
}

/** Two keys of which the first named the second, a third that nobody named, and what was sealed to each. */
async function scene() {
  const [old, next, foreign] = await Promise.all(["old", "next", "foreign"].map((name) => generateUserKey(name, NOW)));
  if (!old || !next || !foreign) throw new Error("no keys");
  const room = await generateRoomKey(NOW);
  const seal = async (key: PrivateKey) => {
    const { sealed, sessionKey } = await sealOctets(utf8("{}"), [room.toPublic(), key.toPublic()], NOW);
    return { env: toBase64(sealed), sessionKey: toBase64(sessionKey) };
  };
  const cert = octetsOf(next.toPublic());
  const statement = await complianceStatement(old.getFingerprint(), next.getFingerprint(), cert, AT);
  const sig = await signDetached(statement, old, { name: COMPLIANCE_NOTATION, value: "v1" }, NOW);
  const organisation = {
    compliance_succession: [
      { fingerprint: old.getFingerprint(), certificate: toBase64(octetsOf(old.toPublic())) },
      {
        fingerprint: next.getFingerprint(),
        certificate: toBase64(cert),
        rotation: { effective_at: "2026-12-01T00:00:00Z", sig: toBase64(sig) },
      },
    ],
  } as Organisation;
  const server = vi
    .spyOn(api, "server")
    .mockResolvedValue({ organisation } as unknown as Awaited<ReturnType<typeof api.server>>);
  const sealed = { old: await seal(old), next: await seal(next), foreign: await seal(foreign) };
  return { old, next, foreign, sealed, server };
}

beforeEach(() => void vi.restoreAllMocks());
afterEach(() => void vi.restoreAllMocks());

describe("several compliance keys", () => {
  it("open each what was encrypted to it", async () => {
    const { old, next, sealed } = await scene();
    const both = new Keyring([loaded(next), loaded(old)]);
    expect(both.keyFor(sealed.old.env)?.fingerprint).toBe(old.getFingerprint());
    expect(both.keyFor(sealed.next.env)?.fingerprint).toBe(next.getFingerprint());
    expect(await both.sessionKey(sealed.old.env)).toBe(sealed.old.sessionKey);
    expect(await both.sessionKey(sealed.next.env)).toBe(sealed.next.sessionKey);
  });

  it("say which one is missing, and who says so", async () => {
    const { old, next, sealed, server } = await scene();
    const [onlyOld, onlyNext] = [new Keyring([loaded(old)]), new Keyring([loaded(next)])];
    const missing = (key: PrivateKey) =>
      `it is encrypted to the compliance key ${key.getFingerprint()}, which is not loaded`;
    expect((await onlyOld.missing(sealed.next.env)).message).toBe(missing(next));
    await expect(onlyOld.sessionKey(sealed.next.env)).rejects.toThrow(missing(next));
    expect(server).toHaveBeenCalledOnce();
    // Nothing that is at hand has signed what came before it.
    expect((await onlyNext.missing(sealed.old.env)).message).toBe(
      `${missing(old)}; the server says that it came before those that are`,
    );
  });

  it("name none that the organisation’s chain does not hold", async () => {
    const { old, next, foreign, sealed, server } = await scene();
    const none = "it is not encrypted to a compliance key that is loaded";
    expect((await new Keyring([loaded(old), loaded(next)]).missing(sealed.foreign.env)).message).toBe(none);
    expect((await new Keyring([loaded(foreign)]).missing(sealed.old.env)).message).toBe(none);
    expect((await new Keyring([]).missing(sealed.old.env)).message).toBe("no compliance key is loaded");
    const forged = await server.getMockImplementation()?.();
    const [first, second] = forged?.organisation.compliance_succession ?? [];
    if (!first || !second) throw new Error("no chain");
    const compliance_succession = [first, { ...second, rotation: { ...second.rotation, sig: toBase64(utf8("no")) } }];
    server.mockResolvedValue({ organisation: { compliance_succession } } as never);
    expect((await new Keyring([loaded(old)]).missing(sealed.next.env)).message).toBe(none);
    server.mockRejectedValue(new Error("away"));
    expect((await new Keyring([loaded(old)]).missing(sealed.next.env)).message).toBe(none);
  });

  it("leave what is no envelope to whoever shows it", async () => {
    const { old } = await scene();
    const one = new Keyring([loaded(old)]);
    for (const env of ["", "AA==", "not base64"]) expect(one.keyFor(env)).toBeUndefined();
    expect((await one.missing("AA==")).message).toContain("not encrypted");
  });
});
