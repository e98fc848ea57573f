import { Upload } from "lucide-react";
import { useEffect, useEffectEvent, useState } from "react";
import { t } from "../../shared/i18n";

const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;

/** Takes files that are dropped anywhere on the page, and says so while they are above it. */
export function DropArea({ roomName, onFiles }: { roomName: string; onFiles: (files: File[]) => void }) {
  const [above, setAbove] = useState(false);
  const take = useEffectEvent((files: File[]) => onFiles(files));

  useEffect(() => {
    const over = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setAbove(true);
    };
    const leave = (event: DragEvent) => event.relatedTarget === null && setAbove(false);
    const drop = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setAbove(false);
      take([...(event.dataTransfer?.files ?? [])]);
    };
    document.addEventListener("dragover", over);
    document.addEventListener("dragleave", leave);
    document.addEventListener("drop", drop);
    return () => {
      document.removeEventListener("dragover", over);
      document.removeEventListener("dragleave", leave);
      document.removeEventListener("drop", drop);
    };
  }, []);

  if (!above) return null;
  return (
    <div className="pointer-events-none fixed inset-0 z-20 flex items-center justify-center bg-canvas/80">
      <p className="flex items-center gap-3 rounded-card border-2 border-dashed border-accent bg-surface px-8 py-6 text-lg font-medium">
        <Upload className="size-6 text-accent" aria-hidden="true" /> {t("Send to {room}", { room: roomName })}
      </p>
    </div>
  );
}
