import { CircleAlert, Paperclip, X } from "lucide-react";
import { octetsOf, percentOf } from "../../shared/format";
import { t } from "../../shared/i18n";
import { type PickedFile, dropFile, useTransfers } from "../../shared/uploads";

/** The files that go with the next message, each with its progress and a way to take it away. */
export function FileTray({ roomId, files }: { roomId: string; files: PickedFile[] }) {
  return (
    <ul aria-label={t("Files to send")} className="mb-1.5 flex flex-wrap gap-2">
      {files.map((file) => (
        <Picked key={file.id} file={file} onDrop={() => dropFile(roomId, file.id)} />
      ))}
    </ul>
  );
}

function Picked({ file, onDrop }: { file: PickedFile; onDrop: () => void }) {
  const done = useTransfers((all) => all[file.id] ?? 0);
  const { state } = file;
  const says = state.is === "failed" ? state.problem : state.is === "uploading" ? percentOf(done) : octetsOf(file.size);
  return (
    <li
      data-state={state.is}
      className="flex w-60 items-center gap-2.5 rounded-xl border border-line bg-surface p-1.5 text-sm"
    >
      {file.preview ? (
        <img src={file.preview} alt="" className="size-10 shrink-0 rounded-lg object-cover" />
      ) : (
        <span className="flex size-10 shrink-0 items-center justify-center rounded-lg bg-sunken text-muted">
          <Paperclip className="size-4" aria-hidden="true" />
        </span>
      )}
      <span className="min-w-0 grow">
        <span className="block truncate font-medium" dir="auto">
          {file.name}
        </span>
        <span role="status" className={`flex gap-1 text-xs ${state.is === "failed" ? "text-danger" : "text-muted"}`}>
          {state.is === "failed" && <CircleAlert className="mt-0.5 size-3 shrink-0" aria-hidden="true" />}
          {says}
        </span>
        {state.is === "uploading" && <progress value={done} max={1} aria-label={file.name} className="transfer" />}
      </span>
      <button
        type="button"
        aria-label={
          state.is === "uploading"
            ? t("Stop the upload of {name}", { name: file.name })
            : t("Take {name} away", { name: file.name })
        }
        className="rounded-lg p-1 text-muted hover:text-ink"
        onClick={onDrop}
      >
        <X className="size-4" aria-hidden="true" />
      </button>
    </li>
  );
}
