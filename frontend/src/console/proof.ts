import { api } from "../api/client";
import type { Checkpoint, StoredMessage } from "../api/types";
import { messageLeaf, verifyConsistency, verifyInclusion } from "../core/crypto/merkle";
import { verifyCheckpoint } from "../core/crypto/note";
import { msg, t } from "../shared/i18n";
import { equal, fromBase64, toHex, utf8 } from "../core/crypto/octets";

/** One check, made here. */
export interface Step {
  name: string;
  holds: boolean;
  detail: string;
}

const SIGNED = msg("signed by the log’s key that this browser has pinned");
const KEY_PIN = "console:log-key";
const HEAD_PIN = "console:log-head";

/** The log's key as this browser has pinned it; empty while it has not checked anything. */
export const pinnedLogKey = (): string => localStorage.getItem(KEY_PIN)?.trim() ?? "";

/** Every step of proving that the log holds a message; it stops at the first that does not hold. */
export async function prove(message: StoredMessage, caseId: string | undefined): Promise<Step[]> {
  const steps: Step[] = [];
  const step = (name: string, holds: boolean, detail: string): boolean => {
    steps.push({ name, holds, detail });
    return holds;
  };
  const proof = await api.proof(message.id, caseId);
  const leaf = await leafOf(message);
  if (!step(t("Leaf"), equal(leaf, utf8(proof.leaf)), t("rebuilt from the message, compared with the log’s")))
    return steps;
  const head = await signedHead(proof.checkpoint);
  if (!step(t("Checkpoint"), head !== undefined, t(SIGNED)) || !head) return steps;
  const path = proof.path.map(fromBase64);
  const included = await verifyInclusion(leaf, proof.leaf_index, head.size, path, head.root);
  if (
    !step(
      t("Inclusion"),
      included,
      t("leaf {leaf} leads in {count} hashes to root {root}", {
        leaf: String(proof.leaf_index),
        count: path.length,
        root: `${toHex(head.root).slice(0, 16)}…`,
      }),
    )
  )
    return steps;
  step(t("Consistency"), await extendsPinned(head), t("the log extends the one that this browser saw before"));
  return steps;
}

/** The newest checkpoint, checked: what the log promises now. */
export async function checkedHead(): Promise<{ checkpoint: Checkpoint; steps: Step[] }> {
  const checkpoint = await api.checkpoint();
  const head = await signedHead(checkpoint);
  const steps = [{ name: t("Checkpoint"), holds: head !== undefined, detail: t(SIGNED) }];
  if (head)
    steps.push({
      name: t("Consistency"),
      holds: await extendsPinned(head),
      detail: t("it extends the log that this browser saw before"),
    });
  return { checkpoint, steps };
}

interface Head {
  size: number;
  root: Uint8Array<ArrayBuffer>;
}

async function signedHead({ note, vkey, size, root }: Checkpoint): Promise<Head | undefined> {
  const pinned = localStorage.getItem(KEY_PIN) ?? vkey;
  if (pinned !== vkey) return undefined;
  const verified = await verifyCheckpoint(note, pinned);
  if (!verified || verified.size !== size || !equal(verified.root, fromBase64(root))) return undefined;
  localStorage.setItem(KEY_PIN, pinned);
  return { size, root: verified.root };
}

/** Pins the larger of the two when one extends the other. */
async function extendsPinned(head: Head): Promise<boolean> {
  const kept = JSON.parse(localStorage.getItem(HEAD_PIN) ?? "null") as { size: number; root: string } | null;
  const keep = (): true => {
    localStorage.setItem(HEAD_PIN, JSON.stringify({ size: head.size, root: toHex(head.root) }));
    return true;
  };
  if (!kept) return keep();
  if (kept.size === head.size) return kept.root === toHex(head.root);
  const pinned = {
    size: kept.size,
    root: Uint8Array.from(kept.root.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)),
  };
  const [old, current] = pinned.size < head.size ? [pinned, head] : [head, pinned];
  const { path } = await api.consistency(old.size, current.size);
  if (!(await verifyConsistency(old, current, path.map(fromBase64)))) return false;
  return current === head ? keep() : true;
}

const leafOf = (message: StoredMessage) =>
  messageLeaf({
    id: message.id,
    room: message.room_id,
    epoch: message.epoch,
    cid: message.cid,
    sender: message.sender,
    senderFp: message.sender_fp,
    acceptedAtMs: Date.parse(message.accepted_at),
    env: fromBase64(message.env),
    sig: fromBase64(message.sig),
  });
