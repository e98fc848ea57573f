import { Suspense, lazy, useEffect } from "react";
import { closeOver, useOverlay } from "./overlay";

/** Not read before somebody asks for them. */
const ProofDialog = lazy(async () => ({ default: (await import("./proof-dialog")).ProofDialog }));
const PictureDialog = lazy(async () => ({ default: (await import("./picture-dialog")).PictureDialog }));

/** What was opened from a message of this room; it goes with the room. */
export function Overlays({ roomId }: { roomId: string }) {
  const { over } = useOverlay();
  useEffect(() => closeOver, []);
  if (!over) return null;
  return (
    <Suspense fallback={null}>
      {over.show === "proof" ? (
        <ProofDialog roomId={roomId} item={over.item} onClose={closeOver} />
      ) : (
        <PictureDialog roomId={roomId} messageKey={over.messageKey} file={over.file} onClose={closeOver} />
      )}
    </Suspense>
  );
}
