import { X } from "lucide-react";
import { useId, useState } from "react";
import { Button } from "../ui/button";
import { FIELDS, type Field, LABELS, type Query, problemOf } from "./query";

interface Props {
  query: Query;
  onChange: (query: Query) => void;
  onAsk: () => void;
}

/** Filters as chips; a query goes out only when it is asked for, because it leaves a trace. */
export function QueryBuilder({ query, onChange, onAsk }: Props) {
  const id = useId();
  const [field, setField] = useState<Field>("room");
  const [value, setValue] = useState("");
  const problem = value ? problemOf(field, value) : undefined;
  const add = () => {
    if (!value || problem) return;
    onChange({ ...query, [field]: value });
    setValue("");
  };
  const without = (removed: Field) => {
    const { [removed]: _, ...rest } = query;
    onChange(rest);
  };
  return (
    <form
      aria-label="Query"
      className="flex flex-col gap-3 rounded-card border border-line bg-surface p-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (value) add();
        else onAsk();
      }}
    >
      <ul aria-label="Filters" className="flex flex-wrap gap-2">
        {FIELDS.filter((name) => query[name]).map((name) => (
          <li key={name} className="flex items-center gap-1 rounded-full bg-accent-soft py-1 pr-1 pl-3 text-sm">
            {LABELS[name]}: <span className="font-mono">{query[name]}</span>
            <button
              type="button"
              aria-label={`Remove ${LABELS[name]}`}
              className="rounded-full p-1 hover:bg-sunken"
              onClick={() => without(name)}
            >
              <X aria-hidden="true" className="size-3.5" />
            </button>
          </li>
        ))}
        {FIELDS.every((name) => !query[name]) && (
          <li className="text-sm text-muted">
            No filter: every message that you may ask for, in your own rooms or within the case.
          </li>
        )}
      </ul>
      <div className="flex flex-wrap items-end gap-2">
        <label className="flex flex-col gap-1 text-sm" htmlFor={`${id}-field`}>
          Filter
          <select
            id={`${id}-field`}
            className="h-10 rounded-xl border border-line bg-canvas px-2"
            value={field}
            onChange={(event) => setField(event.target.value as Field)}
          >
            {FIELDS.map((name) => (
              <option key={name} value={name}>
                {LABELS[name]}
              </option>
            ))}
          </select>
        </label>
        <label className="flex grow flex-col gap-1 text-sm" htmlFor={`${id}-value`}>
          Value
          <input
            id={`${id}-value`}
            className="h-10 rounded-xl border border-line bg-canvas px-3 font-mono"
            value={value}
            aria-invalid={problem !== undefined}
            aria-describedby={`${id}-problem`}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setValue(event.target.value.trim())}
          />
        </label>
        <Button onClick={add} disabled={!value || problem !== undefined}>
          Add filter
        </Button>
        <label className="flex items-center gap-2 text-sm">
          <input
            type="checkbox"
            checked={query.order === "oldest_first"}
            onChange={(event) => onChange({ ...query, order: event.target.checked ? "oldest_first" : "newest_first" })}
          />
          Oldest first
        </label>
        <Button variant="primary" onClick={onAsk}>
          Ask
        </Button>
      </div>
      <p id={`${id}-problem`} className="text-sm text-danger empty:hidden">
        {problem}
      </p>
      <p className="text-sm text-muted">
        Asking within a case is recorded in the log, with your name, before the answer comes.
      </p>
    </form>
  );
}
