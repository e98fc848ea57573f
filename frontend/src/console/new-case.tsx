import { useId, useState } from "react";
import type { NewCase } from "../api/types";
import { Button } from "../ui/button";

const DAY_MS = 86_400_000;
const DAYS = 30;
const TEXTS = [
  ["number", "Number"],
  ["reason", "Reason"],
  ["legal_basis", "Legal basis"],
  ["room", "Room id (empty: every room)"],
] as const;

/** Why, on which legal basis, about what: required before anybody's messages are looked at. */
export function NewCaseForm({ onOpen }: { onOpen: (made: NewCase) => Promise<void> }) {
  const id = useId();
  const [texts, setTexts] = useState({ number: "", reason: "", legal_basis: "", room: "" });
  const [days, setDays] = useState(DAYS);
  const ready = texts.number && texts.reason && texts.legal_basis && days > 0;
  const open = async (): Promise<void> => {
    const { room, ...rest } = texts;
    const scope = { rooms: room ? [room] : [], people: [] };
    await onOpen({ ...rest, scope, expires_at: new Date(Date.now() + days * DAY_MS).toISOString() });
    setTexts({ number: "", reason: "", legal_basis: "", room: "" });
  };
  return (
    <details className="rounded-card border border-line bg-surface p-4">
      <summary className="cursor-pointer font-semibold">Open a case</summary>
      <form
        aria-label="New case"
        className="mt-3 flex flex-wrap items-end gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) void open();
        }}
      >
        {TEXTS.map(([name, title]) => (
          <label key={name} className="flex min-w-56 grow flex-col gap-1 text-sm" htmlFor={`${id}-${name}`}>
            {title}
            <input
              id={`${id}-${name}`}
              className="h-10 rounded-xl border border-line bg-canvas px-3"
              value={texts[name]}
              onChange={(event) => setTexts({ ...texts, [name]: event.target.value })}
            />
          </label>
        ))}
        <label className="flex flex-col gap-1 text-sm" htmlFor={`${id}-days`}>
          Days
          <input
            id={`${id}-days`}
            type="number"
            min={1}
            className="h-10 w-24 rounded-xl border border-line bg-canvas px-3"
            value={days}
            onChange={(event) => setDays(Number(event.target.value))}
          />
        </label>
        <Button type="submit" variant="primary" disabled={!ready}>
          Open it
        </Button>
      </form>
    </details>
  );
}
