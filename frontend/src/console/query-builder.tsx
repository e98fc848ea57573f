import { X } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Button } from "../ui/button";
import { useCases } from "./cases-query";
import { RoomInput, Select, TextInput, TimeInput } from "./inputs";
import { Person, RoomName } from "./names";
import { FIELDS, type Field, LABELS, type Query, problemOf } from "./query";
import { personOf } from "./scope-form";
import { fromInput, sentenceOf, when } from "./words";
import { t } from "../shared/i18n";

interface Props {
  query: Query;
  onChange: (query: Query) => void;
  onAsk: () => void;
}

/** Filters as chips; a query goes out only when it is asked for, because it leaves a trace. */
export function QueryBuilder({ query, onChange, onAsk }: Props) {
  const [field, setField] = useState<Field>("case");
  const [value, setValue] = useState("");
  const [problem, setProblem] = useState("");
  const add = async (): Promise<void> => {
    setProblem("");
    try {
      onChange({ ...query, [field]: await valueOf(field, value) });
      setValue("");
    } catch (failure) {
      setProblem(sentenceOf(failure));
    }
  };
  const without = (removed: Field) => {
    const { [removed]: _, ...rest } = query;
    onChange(rest);
  };
  return (
    <form
      aria-label={t("Query")}
      className="flex flex-col gap-3 rounded-card border border-line bg-surface p-3 print:hidden"
      onSubmit={(event) => {
        event.preventDefault();
        if (value) void add();
        else onAsk();
      }}
    >
      <ul aria-label={t("Filters")} className="flex flex-wrap gap-2">
        {FIELDS.filter((name) => query[name]).map((name) => (
          <li key={name} className="flex items-center gap-1 rounded-full bg-accent-soft py-1 pr-1 pl-3 text-sm">
            <span>
              {t(LABELS[name])}: <ChipValue field={name} value={query[name] ?? ""} />
            </span>
            <button
              type="button"
              aria-label={t("Remove {filter}", { filter: t(LABELS[name]) })}
              className="rounded-full p-1 hover:bg-sunken pointer-coarse:p-2.5"
              onClick={() => without(name)}
            >
              <X aria-hidden="true" className="size-4" />
            </button>
          </li>
        ))}
        {FIELDS.every((name) => !query[name]) && (
          <li className="text-sm text-muted">
            {t(
              "No filter: every message of the rooms that you are in yourself. For other people’s messages, choose a case.",
            )}
          </li>
        )}
      </ul>
      <div className="flex flex-wrap items-end gap-2">
        <Select
          label={t("Filter")}
          value={field}
          onChange={(name) => {
            setField(name as Field);
            setValue("");
            setProblem("");
          }}
          options={FIELDS.map((name) => [name, t(LABELS[name])] as const)}
        />
        <ValueInput field={field} value={value} onChange={setValue} />
        <Button type="submit" disabled={!value}>
          {t("Add filter")}
        </Button>
        <label className="flex h-10 items-center gap-2 text-sm">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            checked={query.order === "oldest_first"}
            onChange={(event) => onChange({ ...query, order: event.target.checked ? "oldest_first" : "newest_first" })}
          />
          {t("Oldest first")}
        </label>
        <Button variant="primary" onClick={onAsk}>
          {t("Ask")}
        </Button>
      </div>
      <p role="alert" className="text-sm text-danger empty:hidden">
        {problem}
      </p>
      <p className="text-sm text-muted">
        {t("Asking within a case is recorded in the log, with your name, before the answer comes.")}
      </p>
    </form>
  );
}

interface ValueProps {
  field: Field;
  value: string;
  onChange: (value: string) => void;
}

function ValueInput({ field, value, onChange }: ValueProps) {
  const cases = useCases();
  switch (field) {
    case "case": {
      const open = cases.data?.filter((one) => one.open) ?? [];
      const options = open.map((one) => [one.case_id, `${one.number}: ${one.reason}`] as const);
      const none = open.length === 0 ? t("No case is open") : t("Choose …");
      return <Select label={t("Value")} value={value} onChange={onChange} options={[["", none], ...options]} />;
    }
    case "room":
      return <RoomInput label={t("Value")} value={value} onChange={onChange} among={[]} />;
    case "from":
    case "to":
      return <TimeInput label={t("Value (UTC)")} value={value} onChange={onChange} />;
    case "sender":
      return <TextInput label={t("Value: a user name")} value={value} onChange={onChange} />;
    default:
      return <TextInput label={t("Value: a message’s id, such as 1-4711")} value={value} onChange={onChange} />;
  }
}

/** What goes into the URL; throws a sentence for people. */
async function valueOf(field: Field, typed: string): Promise<string> {
  const isTime = field === "from" || field === "to";
  const value = field === "sender" ? await personOf(typed.trim()) : isTime ? (fromInput(typed) ?? "") : typed.trim();
  const problem = problemOf(field, value);
  if (problem) throw new Error(t(problem));
  return value;
}

function ChipValue({ field, value }: { field: Field; value: string }): ReactNode {
  const cases = useCases();
  switch (field) {
    case "case":
      return cases.data?.find(({ case_id }) => case_id === value)?.number ?? value;
    case "room":
      return <RoomName id={value} />;
    case "sender":
      return <Person id={value} />;
    case "from":
    case "to":
      return when(new Date(value).toISOString());
    default:
      return <span className="font-mono">{value}</span>;
  }
}
