import { useEffect, useRef } from "react";
import type { FileInfo } from "../../core/model";
import { core } from "../../shared/core-client";

const KEPT_MS = 5 * 60_000;

export interface One {
  roomId: string;
  messageKey: string;
  file: FileInfo;
}

export const fileQuery = ({ roomId, messageKey, file }: One) => ({
  queryKey: ["file", file.id],
  queryFn: () => core.openFile(roomId, messageKey, file.id, crypto.randomUUID()),
  staleTime: Number.POSITIVE_INFINITY,
  gcTime: KEPT_MS,
  retry: false,
});

/** A decrypted picture, at an address that lives as long as it is shown; its type is one of the harmless ones. */
export function Shown({ data, file, className }: { data: Blob; file: FileInfo; className: string }) {
  const image = useRef<HTMLImageElement>(null);
  useEffect(() => {
    const address = URL.createObjectURL(data.slice(0, data.size, file.type));
    if (image.current) image.current.src = address;
    return () => URL.revokeObjectURL(address);
  }, [data, file.type]);
  return <img ref={image} alt={file.name} className={className} />;
}

/** To be kept, never to be opened here: whatever its type says. */
export function save(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob.slice(0, blob.size, "application/octet-stream"));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
