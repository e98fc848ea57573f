import { type DBSchema, openDB } from "idb";
import type { SessionView } from "../api/types";
import { octetsOf } from "./crypto/keys";
import { localKeyOf, openLocal, sealLocal } from "./crypto/local";
import { type Octets, fromBase64, toBase64 } from "./crypto/octets";
import { readSecretKey } from "./crypto/profile";
import type { Identity } from "./identity";

/** How long a kept key opens without having been used; a session may live longer. */
const KEPT_MS = 7 * 86_400_000;
const ONLY = "only";

interface Schema extends DBSchema {
  kept: { key: string; value: Kept };
  choice: { key: string; value: boolean };
}

/** An account's open key, sealed under a key that no script can read out: only the browser itself uses it. */
interface Kept {
  sessionId: string;
  fingerprint: string;
  until: number;
  wrapping: CryptoKey;
  sealed: Octets;
}

/** Whether this device keeps the open key over a reload; on, until somebody says otherwise. */
export const isKeeping = async (): Promise<boolean> => withStore(async (db) => (await db.get("choice", ONLY)) ?? true);

export const chooseKeeping = async (keep: boolean): Promise<void> =>
  withStore(async (db) => void (await db.put("choice", keep, ONLY)));

/** Keeps the key of who is signed in, under a new wrapping key each time. */
export async function keep({ key, sessionId, fingerprint }: Identity): Promise<void> {
  if (!(await isKeeping())) return;
  const wrapping = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const sealed = await sealLocal(toBase64(octetsOf(key)), wrapping);
  const kept = { sessionId, fingerprint, until: Date.now() + KEPT_MS, wrapping, sealed };
  await withStore(async (db) => void (await db.put("kept", kept, ONLY)));
}

export const drop = async (): Promise<void> => withStore(async (db) => void (await db.delete("kept", ONLY)));

/** Who is signed in, when the server says that the very session lives which the key was kept for. */
export async function restore(session: SessionView): Promise<Identity | undefined> {
  const kept = await withStore((db) => db.get("kept", ONLY));
  if (!kept || kept.sessionId !== session.session_id || kept.until < Date.now()) return undefined;
  const octets = await openLocal<string>(kept.sealed, kept.wrapping);
  const key = octets === undefined ? undefined : await readSecretKey(fromBase64(octets));
  if (!key || !key.isDecrypted() || key.getFingerprint() !== session.fingerprint) return undefined;
  return {
    userId: session.user_id,
    username: session.username,
    role: session.role,
    fingerprint: session.fingerprint,
    key,
    sessionId: session.session_id,
    expiresAt: Date.parse(session.expires_at),
    localKey: await localKeyOf(key),
  };
}

async function withStore<T>(use: (db: Awaited<ReturnType<typeof open>>) => Promise<T>): Promise<T> {
  const db = await open();
  try {
    return await use(db);
  } finally {
    db.close();
  }
}

const open = () =>
  openDB<Schema>("sealcast-kept", 1, {
    upgrade(db) {
      db.createObjectStore("kept");
      db.createObjectStore("choice");
    },
  });
