import { useQuery } from "@tanstack/react-query";
import { Download, FileText, X } from "lucide-react";
import { useState } from "react";
import type { FileInfo } from "../../core/model";
import { core } from "../../shared/core-client";
import { whyOf } from "../../shared/failures";
import { octetsOf, percentOf } from "../../shared/format";
import { t } from "../../shared/i18n";
import { isImage } from "../../shared/images";
import { useTransfers } from "../../shared/uploads";
import { Button, Spinner } from "../../ui/button";
import { showOver } from "./overlay";
import { type One, Shown, fileQuery, save } from "./picture";

/** Pictures up to this size are fetched unasked. */
const UNASKED_OCTETS_MAX = 4 * 1_048_576;
const BOX = { width: 420, height: 320 };

interface Props {
  roomId: string;
  /** The message's. */
  messageKey: string;
  files: FileInfo[];
  /** Whether the message is accepted: before that the others have it not, and the server may not either. */
  stored: boolean;
}

/** The files of a message: pictures as such, everything else to be saved. */
export function Files({ roomId, messageKey, files, stored }: Props) {
  return (
    <ul aria-label={t("Files")} className="mt-1 grid justify-items-start gap-1.5">
      {files.map((file) => (
        <li key={file.id} className="max-w-full">
          {isImage(file.type) && stored ? (
            <Picture roomId={roomId} messageKey={messageKey} file={file} />
          ) : (
            <FileCard roomId={roomId} messageKey={messageKey} file={file} stored={stored} />
          )}
        </li>
      ))}
    </ul>
  );
}

/** A picture in a box of its own proportions, so that nothing moves when it comes. */
function Picture(one: One) {
  const { file } = one;
  const [asked, setAsked] = useState(file.size <= UNASKED_OCTETS_MAX);
  const { data, error, refetch } = useQuery({ ...fileQuery(one), enabled: asked });
  const { width, height } = boxOf(file);
  return (
    <div style={{ width, height }} className="max-w-full overflow-hidden rounded-xl border border-line bg-sunken">
      {data ? (
        <button
          type="button"
          aria-label={t("Show {name}", { name: file.name })}
          className="block size-full"
          onClick={() => showOver({ show: "picture", messageKey: one.messageKey, file })}
        >
          <Shown data={data} file={file} className="size-full object-contain" />
        </button>
      ) : (
        <div className="flex size-full flex-col items-center justify-center gap-2 p-3 text-center text-sm text-muted">
          {error && <p role="alert">{whyOf(error, t("It could not be fetched."))}</p>}
          {asked && !error ? (
            <Spinner />
          ) : (
            <Button size="sm" onClick={() => (asked ? void refetch() : setAsked(true))}>
              {error ? t("Try again") : t("Show the picture ({size})", { size: octetsOf(file.size) })}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

function FileCard({ stored, ...one }: One & { stored: boolean }) {
  const { file } = one;
  /** What stops this card's fetching, and nobody else's. */
  const [ticket, setTicket] = useState<string>();
  const busy = ticket !== undefined;
  const [problem, setProblem] = useState<string>();
  const done = useTransfers((all) => all[file.id] ?? 0);
  const fetchIt = async () => {
    const mine = crypto.randomUUID();
    setTicket(mine);
    setProblem(undefined);
    try {
      save(await core.openFile(one.roomId, one.messageKey, file.id, mine), file.name);
    } catch (error) {
      setProblem(whyOf(error, t("It could not be fetched.")));
    }
    setTicket(undefined);
  };
  return (
    <div className="flex w-80 max-w-full items-center gap-3 rounded-xl border border-line bg-surface p-2.5">
      <FileText className="size-6 shrink-0 text-muted" aria-hidden="true" />
      <div className="min-w-0 grow">
        <p className="truncate text-sm font-medium" dir="auto" title={file.name}>
          {file.name}
        </p>
        <p role={problem ? "alert" : undefined} className={`text-xs ${problem ? "text-danger" : "text-muted"}`}>
          {problem ?? (busy ? percentOf(done) : octetsOf(file.size))}
        </p>
        {busy && <progress value={done} max={1} aria-label={file.name} className="transfer" />}
      </div>
      {busy ? (
        <Button
          variant="quiet"
          size="icon"
          aria-label={t("Stop fetching {name}", { name: file.name })}
          onClick={() => void core.cancelTransfer(ticket)}
        >
          <X className="size-4" aria-hidden="true" />
        </Button>
      ) : (
        <Button
          variant="quiet"
          size="icon"
          disabled={!stored}
          aria-label={t("Save {name}", { name: file.name })}
          title={t("Save")}
          onClick={() => void fetchIt()}
        >
          <Download className="size-4" aria-hidden="true" />
        </Button>
      )}
    </div>
  );
}

function boxOf({ w, h }: FileInfo): { width: number; height: number } {
  if (!w || !h) return { width: BOX.height, height: BOX.height / 2 };
  const scale = Math.min(1, BOX.width / w, BOX.height / h);
  return { width: Math.max(48, Math.round(w * scale)), height: Math.max(48, Math.round(h * scale)) };
}
