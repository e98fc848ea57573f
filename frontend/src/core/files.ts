import { getChunk, putChunk } from "../api/chunks";
import { api } from "../api/client";
import { FILE_OCTETS_MAX, type FileRef, fileName } from "./crypto/content";
import {
  CHUNK_OCTETS,
  type FileAt,
  chunksOf,
  fileKey,
  newFileKey,
  openChunk,
  sealChunk,
  sealedOctets,
  sumOf,
} from "./crypto/file";
import { type Octets, equal, fromBase64, sha256, toBase64 } from "./crypto/octets";
import { withoutMetadata } from "./jpeg";
import type { Push, Upload } from "./model";

/** Chunks on their way at the same time. */
const AT_ONCE = 3;
const TYPE = /^[\w.+-]+\/[\w.+-]+$/;

/** A file that is uploaded, or on its way up, and belongs to no message yet. */
interface Uploaded {
  roomId: string;
  abort: AbortController;
  /** Absent until all chunks are there. */
  ref?: FileRef;
}

/** A file on its way down, for everybody who asked for it; the last one who stops ends it. */
interface Download {
  abort: AbortController;
  whole: Promise<Blob>;
  /** Those who wait, and how each is told that it stopped. */
  waiting: Map<string, () => void>;
}

/** Files on their way up and down: sealed and opened here, in chunks. */
export class Files {
  #announce: (push: Push) => void;
  #uploads = new Map<string, Uploaded>();
  #downloads = new Map<string, Download>();

  constructor(announce: (push: Push) => void) {
    this.#announce = announce;
  }

  async upload(roomId: string, { id, file: picked, ...pixels }: Upload): Promise<void> {
    if (picked.size > FILE_OCTETS_MAX) throw new Error("A file can have 25 MB.");
    const upload: Uploaded = { roomId, abort: new AbortController() };
    this.#uploads.set(id, upload);
    try {
      const file = await cleanOf(picked);
      await api.beginAttachment(roomId, { attachment_id: id, octets: sealedOctets(file.size) });
      const key = await newFileKey();
      const at = { room: roomId, id, chunks: chunksOf(file.size) };
      const hashes = await this.#putAll(file, key, at, upload.abort.signal);
      upload.ref = {
        id,
        name: fileName(file.name),
        type: TYPE.test(file.type) ? file.type : "application/octet-stream",
        size: file.size,
        key: toBase64(new Uint8Array(await crypto.subtle.exportKey("raw", key))),
        sum: toBase64(await sumOf(hashes)),
        ...pixels,
      };
    } catch (error) {
      this.#uploads.delete(id);
      await api.dropAttachment(roomId, id).catch(() => undefined);
      throw upload.abort.signal.aborted ? new Error("It was stopped.") : error;
    }
  }

  /** Makes uploads readable to the room, as parts of a message. */
  async finish(ids: string[]): Promise<FileRef[]> {
    const refs: FileRef[] = [];
    for (const id of ids) {
      const upload = this.#uploads.get(id);
      if (!upload?.ref) throw new Error("A file is not uploaded yet.");
      await api.completeAttachment(upload.roomId, id, upload.ref.sum);
      refs.push(upload.ref);
    }
    for (const id of ids) this.#uploads.delete(id);
    return refs;
  }

  /** Fetches a file, and checks that it is the one that the message names. `ticket` is what its asker can stop it by. */
  async open(roomId: string, ref: FileRef, ticket: string): Promise<Blob> {
    const { whole, waiting } = this.#downloads.get(ref.id) ?? this.#begin(roomId, ref);
    try {
      const stopped = new Promise<never>((_, reject) =>
        waiting.set(ticket, () => reject(new Error("It was stopped."))),
      );
      return await Promise.race([whole, stopped]);
    } finally {
      waiting.delete(ticket);
    }
  }

  #begin(roomId: string, ref: FileRef): Download {
    const abort = new AbortController();
    const whole = this.#fetch(roomId, ref, abort.signal).finally(() => this.#forget(ref.id, abort));
    // Whoever waits hears of it; after the last has stopped nobody does.
    whole.catch(() => undefined);
    const download = { abort, whole, waiting: new Map<string, () => void>() };
    this.#downloads.set(ref.id, download);
    return download;
  }

  #forget(id: string, abort: AbortController): void {
    if (this.#downloads.get(id)?.abort === abort) this.#downloads.delete(id);
  }

  async #fetch(roomId: string, ref: FileRef, signal: AbortSignal): Promise<Blob> {
    const at = { room: roomId, id: ref.id, chunks: chunksOf(ref.size) };
    const key = await fileKey(fromBase64(ref.key));
    const { parts, hashes } = await this.#getAll(key, at, ref.size, signal);
    const whole = new Blob(parts);
    if (!equal(await sumOf(hashes), fromBase64(ref.sum)) || whole.size !== ref.size) throw new Error(FALSE_FILE);
    return whole;
  }

  /** Stops an upload by its id, or one asker's download by its ticket. */
  cancel(id: string): void {
    for (const [fileId, { abort, waiting }] of this.#downloads) {
      waiting.get(id)?.();
      if (!waiting.delete(id) || waiting.size > 0) continue;
      this.#forget(fileId, abort);
      abort.abort();
    }
    const upload = this.#uploads.get(id);
    if (!upload) return;
    upload.abort.abort();
    this.#uploads.delete(id);
    // What is still on its way is taken back where it fails.
    if (upload.ref) void api.dropAttachment(upload.roomId, id).catch(() => undefined);
  }

  stop(): void {
    const tickets = [...this.#downloads.values()].flatMap(({ waiting }) => [...waiting.keys()]);
    for (const id of [...this.#uploads.keys(), ...tickets]) this.cancel(id);
  }

  async #putAll(file: File, key: CryptoKey, at: FileAt, signal: AbortSignal): Promise<Octets[]> {
    const hashes: Octets[] = [];
    const step = this.#progress(at.id, file.size);
    await inTurns(at.chunks, async (index) => {
      const from = index * CHUNK_OCTETS;
      const plain = new Uint8Array(await file.slice(from, from + CHUNK_OCTETS).arrayBuffer());
      const sealed = await sealChunk(key, at, index, plain);
      hashes[index] = await sha256(sealed);
      signal.throwIfAborted();
      await putChunk({ room: at.room, attachment: at.id, index }, sealed, signal);
      step(plain.length);
    });
    return hashes;
  }

  async #getAll(key: CryptoKey, at: FileAt, size: number, signal: AbortSignal) {
    const parts: Octets[] = [];
    const hashes: Octets[] = [];
    const step = this.#progress(at.id, size);
    await inTurns(at.chunks, async (index) => {
      const sealed = await getChunk({ room: at.room, attachment: at.id, index }, signal);
      hashes[index] = await sha256(sealed);
      const plain = await openChunk(key, at, index, sealed);
      if (!plain) throw new Error(FALSE_FILE);
      parts[index] = plain;
      step(plain.length);
    });
    return { parts, hashes };
  }

  #progress(id: string, total: number): (octets: number) => void {
    let done = 0;
    return (octets) => this.#announce({ push: "transfer", id, done: (done += octets), total });
  }
}

const FALSE_FILE = "This is not the file that was sent: it was changed on the server or on the way.";

/** A photograph says where it was taken: that is nobody's business. */
async function cleanOf(file: File): Promise<File> {
  if (file.type !== "image/jpeg") return file;
  return new File([withoutMetadata(new Uint8Array(await file.arrayBuffer()))], file.name, { type: file.type });
}

/** Does something for each index, some at the same time; the first failure ends it. */
async function inTurns(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  let failed = false;
  const lane = async () => {
    while (next < count && !failed) {
      try {
        await work(next++);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, lane));
}
