import { create } from "zustand";
import { FILES_MAX, FILE_OCTETS_MAX } from "../core/crypto/content";
import { core } from "./core-client";
import { whyOf } from "./failures";
import { t } from "./i18n";
import { imageSize, isImage } from "./images";

/** A file that goes with the next message of a room. */
export interface PickedFile {
  id: string;
  name: string;
  size: number;
  /** An address of the picture itself, while it is one. */
  preview: string | undefined;
  state: { is: "uploading" } | { is: "ready" } | { is: "failed"; problem: string };
}

export const useUploads = create<Record<string, PickedFile[]>>(() => ({}));

/** How far each file has come, up or down, from 0 to 1. */
export const useTransfers = create<Record<string, number>>(() => ({}));

export function noteTransfer(id: string, done: number, total: number): void {
  useTransfers.setState({ [id]: total === 0 ? 1 : done / total });
}

/** Begins to upload files for a room; gives what is wrong with those that cannot go. */
export function pickFiles(roomId: string, files: File[]): string | undefined {
  const free = FILES_MAX - (useUploads.getState()[roomId]?.length ?? 0);
  const taken = files.filter(({ size }) => size <= FILE_OCTETS_MAX).slice(0, Math.max(0, free));
  for (const file of taken) void upload(roomId, file);
  if (taken.length === files.length) return undefined;
  return files.some(({ size }) => size > FILE_OCTETS_MAX)
    ? t("A file can have 25 MB.")
    : t("A message can have 10 files.");
}

/** Takes a file away again, wherever its upload is. */
export function dropFile(roomId: string, id: string): void {
  void core.cancelTransfer(id).catch(() => undefined);
  change(roomId, (files) => files.filter((file) => file.id !== id));
}

/** The message that names them is on its way. */
export function forgetFiles(roomId: string, ids?: string[]): void {
  change(roomId, (files) => (ids ? files.filter(({ id }) => !ids.includes(id)) : []));
}

/** The keys are gone: so is what was picked while they were there. */
export function forgetAllFiles(): void {
  for (const roomId of Object.keys(useUploads.getState())) forgetFiles(roomId);
  useTransfers.setState({}, true);
}

async function upload(roomId: string, file: File): Promise<void> {
  const id = crypto.randomUUID();
  const preview = isImage(file.type) ? URL.createObjectURL(file) : undefined;
  change(roomId, (files) => [...files, { id, name: file.name, size: file.size, preview, state: { is: "uploading" } }]);
  const set = (state: PickedFile["state"]) =>
    change(roomId, (files) => files.map((one) => (one.id === id ? { ...one, state } : one)));
  try {
    await core.upload(roomId, { id, file, ...(preview ? await imageSize(preview) : {}) });
    set({ is: "ready" });
  } catch (error) {
    set({ is: "failed", problem: whyOf(error, t("It could not be uploaded.")) });
  }
}

function change(roomId: string, next: (files: PickedFile[]) => PickedFile[]): void {
  const before = useUploads.getState()[roomId] ?? [];
  const after = next(before);
  const kept = new Set(after.map(({ id }) => id));
  for (const { id, preview } of before) if (preview && !kept.has(id)) URL.revokeObjectURL(preview);
  useUploads.setState({ [roomId]: after });
}
