import "fake-indexeddb/auto";
import { isDeepStrictEqual } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { generateUserKey, octetsOf } from "../src/core/crypto/keys";
import { localKeyOf } from "../src/core/crypto/local";
import { toBase64 } from "../src/core/crypto/octets";
import type { Identity } from "../src/core/identity";
import type { Push } from "../src/core/model";
import { FakeRest, json, problem } from "./fake-rest";

const { Core } = await import("../src/core/core");
const kept = await import("../src/core/kept-key");

const USER = "01890a5d-ac96-774b-bcce-b302099a8057";

async function scene() {
  const rest = new FakeRest();
  const key = await generateUserKey("ann", new Date());
  const compliance = (await generateUserKey("compliance", new Date())).toPublic();
  const fingerprint = key.getFingerprint();
  const expires_at = new Date(Date.now() + 86_400_000).toISOString();
  const session = { session_id: "s1", user_id: USER, username: "ann", role: "member", fingerprint, expires_at };
  const certificate = { fingerprint: compliance.getFingerprint(), certificate: toBase64(octetsOf(compliance)) };
  rest.on("GET /auth/session", () => json(session));
  rest.on("GET /server", () =>
    json({ organisation: { compliance: certificate, compliance_succession: [] }, time: new Date().toISOString() }),
  );
  const identity = { key, sessionId: "s1", fingerprint, localKey: await localKeyOf(key) } as Identity;
  const pushes: Push[] = [];
  const core = new Core((push) => void pushes.push(push));
  const phases = () => pushes.flatMap((push) => (push.push === "state" ? [push.state.auth.phase] : []));
  const states = () => pushes.flatMap((push) => (push.push === "state" ? [push.state] : []));
  return { rest, core, session, identity, phases, states };
}

beforeEach(() => void vi.stubGlobal("navigator", { onLine: false }));

afterEach(async () => {
  await kept.drop();
});

describe("a core that starts", () => {
  it("asks who is signed in and about the server at once, and opens with the key that was kept", async () => {
    const { rest, core, session, identity, phases, states } = await scene();
    await kept.keep(identity);
    const asked = new Promise<void>((resolve) =>
      rest.on("GET /auth/session", async () => {
        while (rest.count("GET /server") === 0) await new Promise((again) => setTimeout(again));
        resolve();
        return json(session);
      }),
    );
    await core.start(true);
    await asked;
    expect(phases().at(-1)).toBe("ready");
    expect(rest.count("GET /server")).toBe(1);
    // What every tab draws is told once.
    const twice = states().filter((state, at, all) => at > 0 && isDeepStrictEqual(state, all[at - 1]));
    expect(twice).toEqual([]);
    await core.lock();
  });

  it("asks for the password where no key was kept, and forgets one after too long a time", async () => {
    const { rest, core, identity, phases } = await scene();
    await kept.keep(identity);
    await core.start(false);
    expect(phases().at(-1)).toBe("locked");
    expect(rest.count("GET /server")).toBe(0);
  });

  it("tells a session that ended from a server that is away", async () => {
    const { rest, core, phases } = await scene();
    rest.on("GET /auth/session", () => problem(503, "unavailable"));
    await core.start(true);
    expect(phases().at(-1)).toBe("unreachable");
    rest.on("GET /auth/session", () => problem(401, "session-invalid"));
    await core.start(true);
    expect(phases().at(-1)).toBe("signed_out");
  });
});
