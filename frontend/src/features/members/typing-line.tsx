import { useCore } from "../../shared/core-store";
import { writingOf } from "../../shared/format";
import { useNow } from "../../shared/use-now";

/** Who is writing just now; it keeps its place when nobody is, so that nothing jumps. */
export function TypingLine({ roomId }: { roomId: string }) {
  const typing = useCore((store) => store.typing[roomId]);
  const now = useNow(1_000);
  const names = Object.values(typing ?? {}).flatMap(({ name, until }) => (until > now ? [name] : []));
  return (
    <p aria-live="polite" className="mx-auto h-6 w-full max-w-4xl truncate px-5 text-sm text-muted sm:px-7">
      {names.length > 0 && writingOf(names)}
    </p>
  );
}
