import { useEffect } from "react";
import { late } from "../../ui/late";
import { closeOver, useOverlay } from "./overlay";

/** Not read before somebody asks for them. */
const ProofDialog = late(async () => (await import("./proof-dialog")).ProofDialog);
const ReactDialog = late(async () => (await import("./react-dialog")).ReactDialog);
const PictureDialog = late(async () => (await import("./picture-dialog")).PictureDialog);

/** What was opened from a message of this room; it goes with the room. */
export function Overlays({ roomId }: { roomId: string }) {
  const { over } = useOverlay();
  useEffect(() => closeOver, []);
  if (!over) return null;
  switch (over.show) {
    case "proof":
      return <ProofDialog roomId={roomId} item={over.item} onClose={closeOver} />;
    case "react":
      return <ReactDialog roomId={roomId} item={over.item} onClose={closeOver} />;
    case "picture":
      return <PictureDialog roomId={roomId} messageKey={over.messageKey} file={over.file} onClose={closeOver} />;
  }
}
